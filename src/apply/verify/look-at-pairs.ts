import type { Row } from '../../change/value.ts';
import type { Identity, StoredRow } from '../../database/contract.ts';
import { groupedDatabase } from '../../database/grouped/grouped-database.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Route } from '../../pipeline/route.ts';
import { mapStored, storedReferences } from '../../pipeline/transform.ts';
import { shortValue } from '../../temporal/dead-row.ts';
import type { FindingKind, Look, VerifyRow } from '../../temporal/verify-row.ts';
import { parentKeys } from '../resolve-identity.ts';
import type { ApplyDeps } from '../resolve-identity.ts';
import { rowHash } from '../row-hash.ts';
import { mapped } from '../situation.ts';
import { isMarkedDeleted } from '../stamps.ts';
import { partners } from './partners.ts';
import type { PairKeys, Partner } from './partners.ts';
import type { ManyDeps } from '../apply-many.ts';

/** What a pair of rows is, with all it was judged by. */
export interface PairLook extends Look {
  ours: StoredRow | null;
  theirs: StoredRow | null;
  /** Of the other side's ledger. */
  identity: Identity | null;
}

/**
 * Compares rows of an entity's first side with those of the other, in the other side's form: mapped, and references as keys there.
 * `of` is the way from the first side to the other. Only reads; what it reads of two databases is of two moments.
 */
export async function lookAtPairs(of: ManyDeps, pairs: readonly PairKeys[]): Promise<PairLook[]> {
  const found = await partners(of, pairs);
  const { source, target, loads } = of.route;
  const [ours, theirs] = await Promise.all([
    rowsOf(
      of.source,
      source,
      found.map(({ key }) => key),
    ),
    loads
      ? rowsOf(
          of.target,
          target,
          found.map(({ other }) => other),
        )
      : found.map(() => null),
  ]);
  const grouped = { ...of, source: groupedDatabase(of.source), target: groupedDatabase(of.target) };
  return Promise.all(
    found.map((pair, index) => {
      const held = theirs[index] ?? null;
      return judge(grouped, pair, ours[index] ?? null, held && isMarkedDeleted(of.route, held) ? null : held);
    }),
  );
}

/** Rows by their keys, in their order; null for one that is not there, or has no key. */
export async function rowsOf(
  database: ManyDeps['source'],
  table: Route['source'],
  keys: readonly (string | null)[],
): Promise<(StoredRow | null)[]> {
  const known = [...new Set(keys.filter((key) => key !== null))];
  if (known.length === 0) return keys.map(() => null);
  const rows = await database.bulk.read((reader) => reader.findRows(table, known));
  const byKey = new Map(known.map((key, index) => [key, rows[index] ?? null]));
  return keys.map((key) => (key === null ? null : (byKey.get(key) ?? null)));
}

async function judge(
  of: ApplyDeps,
  { key, other, mapped: isMapped, identity }: Partner,
  ours: StoredRow | null,
  theirs: StoredRow | null,
): Promise<PairLook> {
  const { route } = of;
  const look = () =>
    rowHash({
      pair: JSON.stringify([key, other, isMapped]),
      ours: seen(ours),
      theirs: route.loads ? seen(theirs) : (identity?.rowHash ?? ''),
    });
  const pair = { key, other, ours, theirs, identity };
  const whole = (
    kind: FindingKind | null,
    side: string | null = null,
    fingerprint: string | null = null,
  ) => ({
    ...pair,
    look: kind === null ? '' : look(),
    kind,
    side,
    columns: [],
    values: [],
    certain: false,
    fingerprint,
  });
  const isThere = route.loads ? theirs !== null : identity?.rowHash != null;
  if (ours === null && !isThere) return whole(isMapped ? 'orphaned' : null);
  if (ours === null)
    return whole('missing', route.source.side, theirs && fingerprintOf(route, mapped(route, theirs), theirs));
  const wanted = await broughtOver(of, ours);
  if (wanted instanceof SyncError)
    return {
      ...whole(wanted.errorClass === 'waiting_for_row' ? 'dependent' : 'refused'),
      columns: wanted.column === undefined ? [] : [wanted.column],
    };
  if (!isThere) {
    const stays = ownOfTarget(route, identity, null);
    return whole(
      stays ? null : 'missing',
      stays ? null : route.target.side,
      fingerprintOf(route, wanted, ours),
    );
  }
  if (!route.loads) return whole(rowHash(wanted) === identity!.rowHash ? null : 'different');
  const values = differences(route, wanted, mapped(route, theirs!));
  if (!isMapped) return { ...whole('unmapped'), ...told(values) };
  if (values.length === 0 || ownOfTarget(route, identity, theirs)) return whole(null);
  const certain = route.policy === 'last_write_wins' && ours.clock !== null && ours.clock === theirs!.clock;
  return { ...whole('different'), ...told(values), certain };
}

const seen = (row: StoredRow | null): string =>
  row === null ? '' : `${row.clock ?? ''} ${rowHash(row.values)}`;

const told = (values: readonly VerifyRow[]) => ({ values, columns: values.map(({ from }) => from) });

/** The first side's row as the other is to have it; an error of the row's own instead where it cannot. */
export async function broughtOver(of: ApplyDeps, row: StoredRow): Promise<Row | SyncError> {
  try {
    const references = await parentKeys(of, storedReferences(of.route, row.values));
    return { ...mapStored(of.route, row.values), ...references };
  } catch (error) {
    const own = ['waiting_for_row', 'data', 'schema'];
    if (error instanceof SyncError && own.includes(error.errorClass)) return error;
    throw error;
  }
}

/** Under `target_wins` what the target's app made of a row, its end included, is as it is to be. */
const ownOfTarget = (route: Route, identity: Identity | null, theirs: StoredRow | null): boolean =>
  route.policy === 'target_wins' &&
  identity?.rowHash != null &&
  (theirs === null || rowHash(mapped(route, theirs)) !== identity.rowHash);

const differences = (route: Route, wanted: Row, held: Row): VerifyRow[] =>
  route.columns
    .filter(({ to }) => wanted[to.name] !== held[to.name])
    .map(({ from, to }) => ({
      from: from.name,
      to: to.name,
      expected: shortValue(wanted[to.name] ?? null),
      held: shortValue(held[to.name] ?? null),
    }));

/**
 * What two rows have alike that are one: the natural key, where there is one; otherwise all they hold, and the clock where a
 * version has one on both sides.
 */
function fingerprintOf({ matchOn, policy }: Route, row: Row, { clock }: StoredRow): string {
  if (matchOn !== null) return rowHash(Object.fromEntries(matchOn.map((name) => [name, row[name] ?? null])));
  return rowHash(policy === 'last_write_wins' && clock !== null ? { ...row, ' clock': String(clock) } : row);
}

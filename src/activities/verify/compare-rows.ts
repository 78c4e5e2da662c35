import { createHash } from 'node:crypto';
import { lookAtPairs, rowsOf } from '../../apply/verify/look-at-pairs.ts';
import type { PairLook } from '../../apply/verify/look-at-pairs.ts';
import { partners } from '../../apply/verify/partners.ts';
import type { PairKeys } from '../../apply/verify/partners.ts';
import type { CompiledTable } from '../../pipeline/route.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Compared, VerifyActivities, VerifyPart } from '../../temporal/verify.ts';
import type { ActivityDeps } from '../deps.ts';
import { bothWays } from './verified-routes.ts';
import type { BothWays } from './verified-routes.ts';

const pageRows = 1000;
/** Pages compared at a time: what one asks of the databases goes on while another is compared. */
const atOnce = 2;
/** One activity goes on for so long, milliseconds: a workflow that has a row for each page would grow for nothing. */
const goesOnMs = 3000;
const mostSuspects = 1000;

type Input = Parameters<VerifyActivities['compareRows']>[0];

export function compareRowsActivity(deps: ActivityDeps): VerifyActivities['compareRows'] {
  return async (input) => {
    const { part, mostRows } = input;
    const ways = bothWays(deps, part);
    const at = new Date().toISOString();
    const began = Date.now();
    const done: { rows: number; suspects: PairLook[] } = { rows: 0, suspects: [] };
    let after = input.after;
    for (;;) {
      const most = Math.min(pageRows * atOnce, mostRows === null ? Infinity : mostRows - done.rows);
      const keys = await list(ways, input, after, most);
      if (after !== null && keys.at(-1) === after)
        throw new SyncError(
          'bug',
          `the keys of ${part.entity} on ${part.of} do not compare as they are in order`,
        );
      after = keys.at(-1) ?? after;
      const chosen = keys.filter((key) => isChosen(input, key));
      for (const page of await Promise.all(halves(chosen).map((half) => comparePage(ways, input, half))))
        done.suspects.push(...page);
      done.rows += chosen.length;
      if (keys.length < most) return told(done, null, at);
      const enough = Date.now() - began >= goesOnMs || done.suspects.length >= mostSuspects;
      if (enough || (mostRows !== null && done.rows >= mostRows)) return told(done, after, at);
    }
  };
}

const told = (
  { rows, suspects }: { rows: number; suspects: readonly PairLook[] },
  last: string | null,
  at: string,
): Compared => ({
  rows,
  last,
  at,
  suspects: suspects.map(({ key, other, look }) => ({ key, other, look })),
});

const halves = (keys: readonly string[]): string[][] =>
  Array.from({ length: atOnce }, (_, half) => keys.slice(half * pageRows, (half + 1) * pageRows)).filter(
    ({ length }) => length > 0,
  );

function list({ forth }: BothWays, { part, since }: Input, after: string | null, limit: number) {
  const { table, database } = placeOf(forth, part);
  if (part.part === 'rows')
    return database.listKeys(table, { after, until: null, where: changedSince(table, since), limit });
  const { pipeline, entity } = forth.route;
  const sourceSide = part.of === part.side ? part.other : part.side;
  return database.listIdentityKeys({ pipeline, entity, sourceSide, targetSide: part.of }, after, limit);
}

const placeOf = ({ route, source, target }: BothWays['forth'], part: VerifyPart) =>
  part.of === part.side
    ? { table: route.source, database: source }
    : { table: route.target, database: target };

const changedSince = ({ clock }: CompiledTable, since: string | null): string | null =>
  since === null ? null : `${clock} >= ${since}`;

/** The same for a row however often it is asked, and of other rows in another run. */
function isChosen({ share, run }: Input, key: string): boolean {
  if (share === null) return true;
  const [number] = new Uint32Array(createHash('md5').update(`${run} ${key}`).digest().buffer, 0, 1);
  return number! / 2 ** 32 < share / 1e9;
}

/** Suspects of a page. */
async function comparePage(
  ways: BothWays,
  { part, since }: Input,
  keys: readonly string[],
): Promise<PairLook[]> {
  const { forth } = ways;
  const looks = await lookAtPairs(forth, await doubtful(ways, part, since, keys));
  return looks.filter(({ kind, ours, theirs }) => {
    if (part.part === 'mappings') return kind === 'orphaned' || (!forth.route.loads && kind === 'missing');
    if (part.of === part.side) return kind !== null && ours !== null;
    // A row that was changed lately may have a partner that was not.
    const comparedBefore = ours !== null && (since === null || (ours.clock ?? 0n) >= BigInt(since));
    return kind !== null && theirs !== null && !comparedBefore;
  });
}

/**
 * Pairs to be compared: those of the first side's rows. Of the other side's rows what has no partner there, and of mappings what
 * has no row of their source: a look that is less work.
 */
async function doubtful(
  { forth }: BothWays,
  { part, of, side }: VerifyPart,
  since: string | null,
  keys: readonly string[],
): Promise<PairKeys[]> {
  const fromFirst = (part === 'rows') === (of === side);
  const pairs = keys.map((key): PairKeys => (fromFirst ? { key, other: null } : { key: null, other: key }));
  if (part === 'rows' && (of === side || since !== null)) return pairs;
  const { route, source, target } = forth;
  const onFirst = part === 'rows' || fromFirst;
  const looked = part === 'rows' ? await partners(forth, pairs) : pairs;
  const rows = onFirst
    ? await rowsOf(
        source,
        route.source,
        looked.map(({ key }) => key),
      )
    : await rowsOf(
        target,
        route.target,
        looked.map(({ other }) => other),
      );
  return pairs.filter((_, index) => rows[index] === null);
}

export function countVerifiedActivity(deps: ActivityDeps): VerifyActivities['countVerified'] {
  return ({ part, since }) => {
    const { table, database } = placeOf(bothWays(deps, part).forth, part);
    return database.countRows(table, changedSince(table, since));
  };
}

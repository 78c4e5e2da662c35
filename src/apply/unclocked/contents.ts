import type { ChangeEvent } from '../../change/event.ts';
import type { Row } from '../../change/value.ts';
import type { Identity, StoredRow } from '../../database/contract.ts';
import { mapStored, storedReferences } from '../../pipeline/transform.ts';
import type { Route } from '../../pipeline/route.ts';
import { parentKeys } from '../resolve-identity.ts';
import type { ApplyDeps } from '../resolve-identity.ts';
import { rowHash } from '../row-hash.ts';
import { mapped } from '../situation.ts';

/** The event's row as the source holds it now, in the target's columns; references apart, as the target's keys. */
export async function rowAsItIs(
  deps: ApplyDeps,
  { primary_key: key }: ChangeEvent,
): Promise<{ row: Row | null; references: Row }> {
  const { source, route } = deps;
  return rowAndReferences(deps, await source.findRow(route.source, key));
}

async function rowAndReferences(
  deps: ApplyDeps,
  row: StoredRow | null,
): Promise<{ row: Row | null; references: Row }> {
  if (row === null) return { row, references: {} };
  const references = await parentKeys(deps, storedReferences(deps.route, row.values));
  return { row: mapStored(deps.route, row.values), references };
}

/** The source's row in the target's columns, references as the target's keys; null where there is no row. */
export async function broughtOver(deps: ApplyDeps, stored: StoredRow | null): Promise<Row | null> {
  const { row, references } = await rowAndReferences(deps, stored);
  return row && { ...row, ...references };
}

/** Of a row of the route's target; null where there is no row. */
export const hashOf = (route: Route, row: StoredRow | null): string | null =>
  row && rowHash(mapped(route, row));

export const hashOfRow = (row: Row | null): string | null => row && rowHash(row);

/** What the ledger says was last brought to the identity's target: a hash, null for a row's end; undefined: nothing yet. */
export const givenTo = (identity: Identity | null): string | null | undefined =>
  identity === null || identity.counter === 0n ? undefined : identity.rowHash;

export const sameRows = (a: Row | null, b: Row | null): boolean =>
  a === null || b === null ? a === b : Object.keys(a).every((name) => a[name] === b[name]);

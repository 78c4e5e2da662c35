import type { ChangeEvent } from '../change/event.ts';
import type { Row, Value } from '../change/value.ts';
import { SyncError } from '../errors/sync-error.ts';
import { decodeWire } from '../pipeline/decode-wire.ts';
import type { MappedColumn, Route } from '../pipeline/route.ts';
import { mapStored, storedReferences } from '../pipeline/transform.ts';
import { shortValue } from '../temporal/dead-row.ts';
import type { DeadColumn, DeadRow } from '../temporal/dead-row.ts';
import { newRowKey } from './derived-key.ts';
import { identityKey } from './identity-key.ts';
import { findBack, parentKeys } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';

/** A row of the source as something brings it: canonical values, an error for one that cannot be read. */
export interface BroughtRow {
  key: string;
  /** Null: the row's end. */
  values: Readonly<Record<string, Value | SyncError>> | null;
}

/** The row an event brings. */
export const broughtBy = (
  { route }: Pick<ApplyDeps, 'route'>,
  { operation, primary_key: key, payload }: ChangeEvent,
): BroughtRow => ({
  key,
  values:
    operation === 'DELETE'
      ? null
      : Object.fromEntries(
          route.columns
            .filter(({ from }) => payload[from.name] !== undefined)
            .map(({ from }) => [
              from.name,
              unlessRefused(() => decodeWire(from, payload[from.name]!, route.source.engine)),
            ]),
        ),
});

/**
 * What applying would write, and what the target holds, column by column. Only reads. A column that cannot be mapped, and
 * a database that does not answer, leave the rest to be seen.
 */
export async function lookAtRow(deps: ApplyDeps, row: BroughtRow): Promise<DeadRow> {
  const { route } = deps;
  const columns = route.columns.map((column) => mappedColumn(deps, column, row));
  const seen = {
    at: new Date().toISOString(),
    source: route.source.side,
    target: route.target.side,
  };
  try {
    const held = route.loads ? await heldRow(deps, row) : null;
    for (const [index, column] of columns.entries()) {
      await resolveParent(deps, route.columns[index]!, row, column);
      if (held) column.held = shortValue(held[column.to] ?? null);
    }
    return { ...seen, columns, held: route.loads ? held !== null : null, unread: null };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return { ...seen, columns, held: null, unread: error.message };
  }
}

function mappedColumn({ route }: ApplyDeps, column: MappedColumn, { values }: BroughtRow): DeadColumn {
  const { from, to } = column;
  const seen: DeadColumn = { from: from.name, to: to.name };
  const value = values?.[from.name];
  if (value === undefined) return seen;
  if (value instanceof SyncError) return { ...seen, refused: value.message };
  seen.event = shortValue(value);
  const mapped = unlessRefused(
    () => mapStored({ ...route, columns: [column] }, { [from.name]: value })[to.name]!,
  );
  if (mapped instanceof SyncError) seen.refused = mapped.message;
  else seen.mapped = shortValue(mapped);
  return seen;
}

/** The key that the row a column refers to has on the target. */
async function resolveParent(
  deps: ApplyDeps,
  column: MappedColumn,
  { values }: BroughtRow,
  seen: DeadColumn,
): Promise<void> {
  const value = values?.[column.from.name];
  if (column.references === null || value == null || value instanceof SyncError) return;
  const only = { ...deps.route, columns: [column] };
  try {
    const keys = await parentKeys(deps, storedReferences(only, { [column.from.name]: value }));
    seen.mapped = shortValue(keys[column.to.name] ?? null);
  } catch (error) {
    if (!(error instanceof SyncError) || error.errorClass !== 'waiting_for_row') throw error;
    delete seen.mapped;
    seen.refused = error.message;
  }
}

async function heldRow(
  { route, source, target }: ApplyDeps,
  { key, values }: BroughtRow,
): Promise<Row | null> {
  const own = await target.findIdentity(identityKey(route, route.entity, key));
  const back = route.twoWay ? await findBack(source, route, route.entity, key) : null;
  const targetKey = own?.targetKey ?? back?.sourceKey ?? keyOfNew(route, key, values);
  return targetKey === null ? null : ((await target.findRow(route.target, targetKey))?.values ?? null);
}

/** Null where the target alone will know it. */
function keyOfNew(route: Route, key: string, values: BroughtRow['values']): string | null {
  if (values === null && route.keyStrategy === 'mapped') return null;
  const columns = route.columns.filter(({ to }) => route.target.key.includes(to.name));
  const row = unlessRefused(() => mapStored({ ...route, columns }, (values ?? {}) as Row));
  return row instanceof SyncError ? null : newRowKey(route, key, row);
}

function unlessRefused<T>(read: () => T): T | SyncError {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
}

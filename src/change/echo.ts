import type { CapturedTable } from './captured-table.ts';
import type { CapturedChange } from './parsers/captured-change.ts';

/** The writer's name Tandem leaves in a table's source column, by the seeds' contract. */
const writer = 'sync_service';

/**
 * Whether the change is Tandem's own write coming back, and what tells. `origin`: the writer's session carried Tandem's
 * mark; it knows deletes too. `source`: the row says so; only an insert or update is judged by that, since a delete
 * carries the row as it was, and a read is no write (a restored side must be able to get its rows back).
 */
export function isEcho(
  change: CapturedChange,
  captured: Pick<CapturedTable, 'sourceColumn'>,
): 'origin' | 'source' | null {
  const { op, after, source } = change;
  if (op === 'r' || source.snapshot) return null;
  if (source.engine === 'postgres' ? source.origin?.startsWith('tandem_') : source.origin === 'tandem')
    return 'origin';
  if (op === 'd' || captured.sourceColumn === null) return null;
  return after?.[captured.sourceColumn] === writer ? 'source' : null;
}

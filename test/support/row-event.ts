import type { ChangeEvent, Operation } from '../../src/change/event.ts';
import { eventId } from '../../src/change/event-id.ts';
import type { StoredRow } from '../../src/database/contract.ts';
import type { Route } from '../../src/pipeline/route.ts';

/** The event of a change that left `row`; a DELETE's is the row as it was. */
export function rowEvent(
  { pipeline, entity, source }: Route,
  operation: Operation,
  key: string,
  { before, row, order }: { before: StoredRow | null; row: StoredRow; order: number },
): ChangeEvent {
  const position = { epoch: 1, order: String(order).padStart(10, '0') };
  const side = source.side;
  return {
    event_id: eventId({ pipeline, entity, side, table: source.name, key, position, operation }),
    event_version: '1.0.0',
    pipeline,
    entity_type: entity,
    operation,
    primary_key: key,
    payload: row.values,
    before: before && differing(before, row),
    source: side,
    timestamp: new Date().toISOString(),
    position,
    clock: row.clock === null ? null : String(operation === 'DELETE' ? row.clock + 1n : row.clock),
    origin: null,
    snapshot: false,
  };
}

const differing = (before: StoredRow, row: StoredRow) =>
  Object.fromEntries(Object.entries(before.values).filter(([column, value]) => value !== row.values[column]));

import { isEcho } from '../../../src/change/echo.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import type { CapturedChange } from '../../../src/change/parsers/captured-change.ts';
import { readEvent } from '../../../src/apply/apply-hint.ts';
import { readId } from '../../../src/change/event-id.ts';
import { isoMicroseconds, toChangeEvent } from '../../../src/change/to-change-event.ts';
import type { Hint } from '../../../src/temporal/messages.ts';
import type { WireRow } from '../../../src/change/value.ts';
import { capturedTable } from '../../../src/pipeline/captured-table.ts';
import type { CompiledTable } from '../../../src/pipeline/route.ts';
import type { MemoryRow, RowChange } from '../memory/store.ts';
import { simulated } from './schema.ts';

/** What tells Tandem's own writes apart; with neither, only that applying one changes nothing. */
export interface EchoMarks {
  /** The log tells the writer's origin. */
  origin: boolean;
  /** Ingest judges by the `source` column. */
  source: boolean;
}

/** The events of a side's row changes, as ingest would start them. */
export function eventsOf(
  side: string,
  changes: readonly RowChange[],
  atUs: bigint,
  marks: EchoMarks,
): { events: ChangeEvent[]; echoes: number } {
  const events: ChangeEvent[] = [];
  let echoes = 0;
  for (const change of changes)
    for (const route of simulated.routesFrom(side, 'public', change.table)) {
      const captured = captureOf(route.source, change, atUs, marks);
      const table = capturedTable(route);
      if (isEcho(captured, marks.source ? table : { ...table, sourceColumn: null })) echoes += 1;
      else events.push(...given(toChangeEvent(captured, table, { epoch: 1 })));
    }
  return { events, echoes };
}

/** A row as a read finds it, at the place where the log was then. */
export function readOf(
  side: string,
  table: string,
  key: string,
  row: MemoryRow,
  order: number,
  atUs: bigint,
) {
  const change: RowChange = { table, op: 'c', key, before: null, after: row, order, ours: false };
  return simulated.routesFrom(side, 'public', table).flatMap((route) => {
    const captured = captureOf(route.source, change, atUs, { origin: false, source: false });
    const read: CapturedChange = { ...captured, op: 'r', source: { ...captured.source, snapshot: true } };
    return given(toChangeEvent(read, capturedTable(route), { epoch: 1 }));
  });
}

/** What tells of a row without what it holds, once for each way it goes. */
export function hintOf(side: string, table: string, key: string, run: string, atUs: bigint) {
  return simulated.routesFrom(side, 'public', table).map((route) => {
    const { pipeline, entity } = route;
    const eventId = readId({ pipeline, entity, side, key }, run);
    const hint: Hint = { eventId, entity, side, key, timestamp: isoMicroseconds(atUs) };
    return { hint, event: readEvent(route, hint, null) };
  });
}

const given = <T>(value: T | null): T[] => (value === null ? [] : [value]);

function captureOf(table: CompiledTable, change: RowChange, atUs: bigint, marks: EchoMarks): CapturedChange {
  const image = (key: string, row: MemoryRow | null): WireRow | null =>
    row && {
      id: key,
      ...row.values,
      ...(table.clock !== null && { [table.clock]: row.clock === null ? null : String(row.clock) }),
      ...(table.sourceColumn !== null && { [table.sourceColumn]: row.source ?? null }),
    };
  const other = change.otherKey === undefined ? null : { id: change.otherKey };
  return {
    op: change.op,
    before: image(change.key, change.before),
    after: image(change.key, change.after),
    source: {
      engine: table.engine,
      schema: 'public',
      table: table.name,
      timestampUs: atUs,
      order: String(change.order).padStart(20, '0'),
      origin: change.ours && marks.origin ? 'tandem_1' : null,
      snapshot: false,
    },
    newKey: change.op === 'd' ? other : null,
    oldKey: change.op === 'c' ? other : null,
  };
}

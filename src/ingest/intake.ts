import { canaryTable } from '../change/canary.ts';
import type { ChangeEvent } from '../change/event.ts';
import { isEcho } from '../change/echo.ts';
import { hintId } from '../change/event-id.ts';
import type { CapturedSource, ParsedRecord } from '../change/parsers/captured-change.ts';
import type { RawRecord } from '../change/parsers/raw-record.ts';
import { parseRecord } from '../change/parsers/record.ts';
import { keyOf, toChangeEvent } from '../change/to-change-event.ts';
import { SyncError } from '../errors/sync-error.ts';
import { capturedTable, keyValueOf } from '../pipeline/captured-table.ts';
import { ofDms } from '../pipeline/dms-form.ts';
import type { CompiledPipeline, CompiledTable, Route } from '../pipeline/route.ts';
import type { Hint } from '../temporal/messages.ts';
import type { EchoLayer, SkipReason } from './observer.ts';

export interface Captured {
  event: ChangeEvent;
  route: Route;
}

/** A row that changed; when the hint was given its feed knows. */
export interface Hinted {
  hint: Omit<Hint, 'timestamp'>;
  route: Route;
}

export interface Echo {
  layer: EchoLayer;
  table: CompiledTable;
}

/** What a record comes to. */
export type Intake =
  | { kind: 'skip'; reason: SkipReason; detail: string }
  /** One per entity that captures the table: an event, or an echo of Tandem's own write. */
  | { kind: 'captured'; captured: readonly Captured[]; echoes: readonly Echo[] }
  /** One per entity that captures the table. */
  | { kind: 'hinted'; hinted: readonly Hinted[] }
  /** The table was truncated. Which rows that were is in no log: it cannot be applied, only told. */
  | { kind: 'truncated'; table: CompiledTable }
  /** Nobody can make an event of it. */
  | { kind: 'dead'; error: unknown };

/** Header that names the log's epoch, set when the connector is registered; 1 without it. */
export const epochHeader = 'tandem.epoch';

/** Understands one record of a side. Never throws: what cannot be understood is `dead`. */
export function intake(pipeline: CompiledPipeline, side: string, record: RawRecord): Intake {
  try {
    return understand(pipeline, side, record);
  } catch (error) {
    return { kind: 'dead', error };
  }
}

function understand(pipeline: CompiledPipeline, side: string, record: RawRecord): Intake {
  const parsed = parseRecord(record);
  if (parsed.kind === 'tombstone') return skip('tombstone', parsed.kind);
  if (parsed.kind === 'ignored') return skip('ignored', parsed.reason);
  if (parsed.kind === 'truncate') {
    const [route] = pipeline.routesFrom(side, parsed.schema, parsed.table);
    return route ? { kind: 'truncated', table: route.source } : skip('not_captured', 'TRUNCATE');
  }
  if (parsed.kind === 'hint') return hintedBy(pipeline, side, record, parsed);
  const { change } = parsed;
  const { schema, table } = change.source;
  const routes =
    parsed.kind === 'seed'
      ? [pipeline.route(parsed.entity, side)].filter((route) => route !== undefined)
      : pipeline.routesFrom(side, schema, table);
  if (routes.length === 0) return unrouted(pipeline, side, `${schema}.${table}`, change.source);
  const epoch = epochOf(record);
  const captured: Captured[] = [];
  const echoes: Echo[] = [];
  for (const route of routes) {
    const source = capturedTable(route);
    const own = change.form === 'dms' ? ofDms(route, change) : change;
    const layer = isEcho(own, source);
    if (layer !== null) {
      echoes.push({ layer, table: route.source });
      continue;
    }
    const event = toChangeEvent(own, source, { epoch, keyValue: keyValueOf(route.source) });
    if (event !== null) captured.push({ event, route });
  }
  if (captured.length === 0 && echoes.length === 0) return skip('ignored', 'half of a primary-key change');
  return { kind: 'captured', captured, echoes };
}

const skip = (reason: SkipReason, detail: string): Intake => ({ kind: 'skip', reason, detail });

/** The message names no schema, so every table of its name on the side is meant. */
function hintedBy(
  pipeline: CompiledPipeline,
  side: string,
  { offset }: RawRecord,
  { table, key: image }: Extract<ParsedRecord, { kind: 'hint' }>,
): Intake {
  const routes = pipeline.routes.filter(({ source }) => source.side === side && source.name === table);
  if (routes.length === 0) return unrouted(pipeline, side, table, { schema: null, table });
  if (offset === undefined) throw new SyncError('data', 'a hint has no id', { code: 'no_message_id' });
  const hinted = routes.map((route): Hinted => {
    const { entity } = route;
    const key = keyOf(image, route.source, keyValueOf(route.source));
    const eventId = hintId({ pipeline: pipeline.name, entity, side, table, key }, offset);
    return { hint: { eventId, entity, side, key }, route };
  });
  return { kind: 'hinted', hinted };
}

/** A table of the other way of a one-way entity is passed over; one nobody knows may have been forgotten. */
function unrouted(
  pipeline: CompiledPipeline,
  side: string,
  name: string,
  { schema, table }: Pick<CapturedSource, 'table'> & { schema: string | null },
): Intake {
  const known = pipeline.routes.some(
    ({ target }) =>
      target.side === side &&
      target.name === table &&
      (target.schema === null || schema === null || target.schema === schema),
  );
  if (known) return skip('not_captured', `${name} is only written`);
  if (schema === canaryTable.schema && table === canaryTable.name) return skip('ignored', 'canary');
  return {
    kind: 'dead',
    error: new SyncError('data', `unknown table ${name}`, { code: 'unknown_table' }),
  };
}

function epochOf({ headers }: RawRecord): number {
  const text = headers[epochHeader] ?? '1';
  if (!/^\d{1,9}$/.test(text))
    throw new SyncError('data', `header ${epochHeader} is not a whole number`, { code: 'bad_epoch' });
  return Number(text);
}

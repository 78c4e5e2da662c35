import { z } from 'zod';
import type { ChangeEvent } from '../change/event.ts';
import type { Row, Value, WireRow } from '../change/value.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { TransformedChange } from '../temporal/messages.ts';
import { decodeWire } from './decode-wire.ts';
import type { Engine } from './define.ts';
import type { MappedColumn, Route } from './route.ts';

/**
 * Maps an event's images to the target's columns; references keep the source's keys. Pure.
 * Throws `schema` for a mapped column the event does not carry, `data` naming the column for a value that
 * does not satisfy its schema or codec. A before image that cannot be mapped is left out: only judging
 * whether there was a conflict needs it.
 */
export function transformChange(route: Route, event: ChangeEvent): TransformedChange {
  if (event.operation === 'DELETE') return { row: null, before: mapBefore(route, event.payload) };
  return {
    row: mapRow(route, event.payload),
    before: event.before && mapBefore(route, { ...event.payload, ...event.before }),
  };
}

/** The references of an event's after image: target column to the parent's key on the source, nulls left out. */
export function referencedKeys(route: Route, event: ChangeEvent): ReadonlyMap<MappedColumn, string> {
  const keys = new Map<MappedColumn, string>();
  if (event.operation === 'DELETE') return keys;
  for (const mapped of route.columns) {
    const key = mapped.references && mapColumn(mapped, event.payload, route.source.engine);
    if (key !== null) keys.set(mapped, String(key));
  }
  return keys;
}

/** Maps a row as the source holds it to the target's columns; references keep the source's keys. Throws as `transformChange` does. */
export const mapStored = (route: Route, values: Row): Row =>
  Object.fromEntries(
    route.columns.map((mapped) => [mapped.to.name, convert(mapped, values[mapped.from.name] ?? null)]),
  );

/** `referencedKeys` of a row as the source holds it. */
export const storedReferences = (route: Route, values: Row): ReadonlyMap<MappedColumn, string> =>
  new Map(
    route.columns
      .filter(({ references, from }) => references !== null && (values[from.name] ?? null) !== null)
      .map((mapped) => [mapped, String(convert(mapped, values[mapped.from.name]!))] as const),
  );

function mapBefore(route: Route, image: WireRow): Row | null {
  try {
    return mapRow(route, image);
  } catch (error) {
    if (error instanceof SyncError) return null;
    throw error;
  }
}

function mapRow(route: Route, image: WireRow): Row {
  return Object.fromEntries(
    route.columns.map((mapped) => [mapped.to.name, mapColumn(mapped, image, route.source.engine)]),
  );
}

function mapColumn(mapped: MappedColumn, image: WireRow, engine: Engine): Value {
  const { from } = mapped;
  const wire = image[from.name];
  if (wire === undefined)
    throw new SyncError(
      'schema',
      `the event does not carry column ${from.name}: the table lacks it, or its replica identity is not FULL`,
      { column: from.name },
    );
  return convert(mapped, decodeWire(from, wire, engine));
}

function convert({ from, to, codec, codecDirection }: MappedColumn, canonical: Value): Value {
  const value = accept(from.schema, canonical, from.name);
  if (!codec || value === null) return accept(to.schema, value, to.name);
  const converted = codecDirection === 'decode' ? z.safeDecode(codec, value) : z.safeEncode(codec, value);
  if (!converted.success) throw refused(from.name, 'its codec', converted.error);
  return accept(to.schema, converted.data as Value, to.name);
}

function accept(schema: z.ZodType, value: Value, column: string): Value {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refused(column, 'its schema', parsed.error);
  return value;
}

/** Names the rule that was broken, never the value. */
function refused(column: string, by: string, error: z.ZodError): SyncError {
  const rule = error.issues[0]?.code ?? 'custom';
  return new SyncError('data', `column ${column}: refused by ${by} (${rule})`, { column });
}

import type { CapturedTable } from '../change/captured-table.ts';
import type { Value, WireValue } from '../change/value.ts';
import { decodeWire } from './decode-wire.ts';
import type { CompiledTable, Route } from './route.ts';

/** The source table of a route, as the parsers of change records need it. */
export function capturedTable({ pipeline, entity, source }: Route): CapturedTable {
  const { side, engine, schema, name, key, clock, sourceColumn } = source;
  return { pipeline, entity, side, engine, schema, name, key, clock, sourceColumn };
}

/** Canonical values of captured key columns: a key's text is the same in an event, a trigger and a row read by query. */
export function keyValueOf(table: CompiledTable): (column: string, wire: WireValue) => Value {
  return (name, wire) => {
    const column = table.columns.get(name);
    return column ? decodeWire(column, wire) : typeof wire === 'object' ? null : wire;
  };
}

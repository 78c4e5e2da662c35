import { readFileSync } from 'node:fs';
import { parseWire, isObject } from '../change/parsers/wire-json.ts';
import type { Row, Value, WireRow, WireValue } from '../change/value.ts';
import { ConfigError } from '../errors/config-error.ts';

/** What an edit makes of a column. */
export interface ColumnChange {
  column: string;
  /** As the event carries it; absent where it does not. */
  old?: WireValue;
  new: WireValue;
}

/** `column=value` beside the assignments before it. */
export function assignment(text: string, previous: Row = {}): Row {
  const at = text.indexOf('=');
  if (at < 1) throw new ConfigError([`--set ${text}: must be COLUMN=VALUE`]);
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}

/** The columns of a file with a JSON object. */
export function readCorrection(path: string, payload: WireRow): Row {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ConfigError([`--file ${path}: ${(error as Error).message}`]);
  }
  return correctionOf(path, parsed(path, bytes), payload);
}

/** Columns with values; those the event has with the same value are left out. */
export function correctionOf(path: string, value: WireValue, payload: WireRow): Row {
  if (!isObject(value))
    throw new ConfigError([`--file ${path}: must hold one JSON object, columns with values`]);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([column, wire]) => !same(wire, payload[column]))
      .map(([column, wire]) => [column, valueOf(path, column, wire)]),
  );
}

function parsed(path: string, bytes: Buffer): WireValue {
  try {
    return parseWire(bytes);
  } catch {
    throw new ConfigError([`--file ${path}: is not valid JSON`]);
  }
}

function valueOf(path: string, column: string, wire: WireValue): Value {
  if (typeof wire !== 'object' || wire === null) return wire;
  throw new ConfigError([`--file ${path}: column ${column}: JSON and arrays are written as text`]);
}

/** Column by column; clocks, which an edit moves by itself, are left out. */
export const columnChanges = (before: WireRow, after: WireRow, columns: readonly string[]): ColumnChange[] =>
  columns
    .filter((column) => !same(before[column], after[column]))
    .map((column) => ({
      column,
      ...(before[column] !== undefined && { old: before[column] }),
      new: after[column] ?? null,
    }));

export const changeLines = (changes: readonly ColumnChange[]): string =>
  changes
    .map(({ column, old, new: now }) => {
      const was = old === undefined ? '(absent)' : JSON.stringify(old);
      return `${column}: ${was} → ${JSON.stringify(now)}`;
    })
    .join('\n');

const same = (a: WireValue | undefined, b: WireValue | undefined) => JSON.stringify(a) === JSON.stringify(b);

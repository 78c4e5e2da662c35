import { parse } from 'lossless-json';
import { isUtf8 } from 'node:buffer';
import { SyncError } from '../../errors/sync-error.ts';
import type { WireRow, WireValue } from '../value.ts';

/** Parses a record's bytes; every number becomes its text. Throws `data` without quoting any of the record. */
export function parseWire(bytes: Buffer): WireValue {
  if (!isUtf8(bytes)) throw unparsable('it is not valid UTF-8');
  try {
    return parse(bytes.toString('utf8'), null, (digits) => digits) as WireValue;
  } catch (error) {
    // The parser's own message quotes the record.
    if (error instanceof RangeError) throw unparsable('its JSON is nested too deep');
    if (error instanceof SyntaxError) throw unparsable('it is not valid JSON');
    throw error;
  }
}

export function unparsable(reason: string): SyncError {
  return new SyncError('data', `the record cannot be parsed: ${reason}`);
}

export function isObject(value: WireValue | undefined): value is WireRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's text field; null where it is absent or null. Throws `data` naming the field where it is anything else. */
export function textField(of: WireRow, field: string): string | null {
  const value = of[field] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw unparsable(`field ${field} is not text`);
}

/** As `textField`, and throws where the field is absent. */
export function requiredText(of: WireRow, field: string): string {
  const value = textField(of, field);
  if (value === null) throw unparsable(`field ${field} is missing`);
  return value;
}

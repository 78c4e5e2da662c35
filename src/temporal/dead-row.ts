import type { Value } from '../change/value.ts';

/** The row of a dead event: as it would be written, and as the target holds it. Values are shortened; payload fields only. */
export interface DeadRow {
  /** When it was looked at, ISO 8601. */
  at: string;
  source: string;
  target: string;
  columns: readonly DeadColumn[];
  /** Whether the target has the row; null where nobody could tell. */
  held: boolean | null;
  /** Why not everything could be read; null where it could. No row value in it. */
  unread: string | null;
}

/** What was seen of it: `unread` says why nothing was. */
export type SeenRow = { row: DeadRow } | { unread: string };

/** A mapped column. What is absent is not there, or could not be read. */
export interface DeadColumn {
  from: string;
  to: string;
  /** The source's value that the event brings. */
  event?: string | null;
  /** The value that would be written. */
  mapped?: string | null;
  /** Why there is none. No row value in it. */
  refused?: string;
  /** The target's value. */
  held?: string | null;
}

const mostCharacters = 60;

/** A value as an operator reads it; a long one says how long it is. */
export function shortValue(value: Value): string | null {
  if (value === null) return null;
  const text = String(value);
  return text.length > mostCharacters
    ? `${text.slice(0, mostCharacters)}… (${text.length} characters)`
    : text;
}

/** Of a column as a failure names it, source's or target's. */
export const isColumn = ({ from, to }: DeadColumn, name: string | undefined): boolean =>
  name !== undefined && (from === name || to === name);

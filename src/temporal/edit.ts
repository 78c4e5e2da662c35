import type { Row } from '../change/value.ts';

/** What a retry may be asked for beside; nothing: the event as its dead letter holds it. */
export interface RetryRequest {
  /** Brings the source row as it is now instead of the event's. */
  reread?: boolean;
  /** Refused, with the type `notOpen`, where a retry runs, the dead letter is closed, or it is a conflict. */
  onlyOpen?: boolean;
  /** Who asks for it. */
  by?: string;
}

/** An operator's correction of an event. */
export interface Edit {
  /** Columns of the source to the values they are to have, canonical. */
  columns: Row;
  /** Who asks for it. */
  by?: string;
}

/** What is told of an edit: no row value in it. */
export interface EditRecord {
  by: string;
  /** ISO 8601. */
  at: string;
  columns: readonly string[];
}

/** What operators corrected of an event so far; both absent where nobody did. */
export interface Corrections {
  edits?: readonly EditRecord[];
  /** What they come to: columns of the source with their values. */
  corrected?: Row;
}

/** Type of a refusal that leaves nothing to be done. */
export const notOpen = 'not_open';

/**
 * A column value in Tandem's canonical form: the one text both engines read and write without loss.
 * Numbers are decimal text (a 64-bit integer never becomes a JavaScript number), bytes are base64,
 * JSON and arrays are canonical JSON text, times are ISO 8601 text. Two values are equal exactly when `===` says so.
 */
export type Value = string | boolean | null;

/** Column name to canonical value. */
export type Row = Record<string, Value>;

/** A value as it travelled: JSON with every number kept as its text. */
export type WireValue = string | boolean | null | WireValue[] | { [key: string]: WireValue };

export type WireRow = Record<string, WireValue>;

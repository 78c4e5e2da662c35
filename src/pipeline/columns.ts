import { z } from 'zod';

/** Logical kinds of column values. Each kind has one canonical form (see `Value`); engines map it to their own types. */
export const columnKinds = [
  'integer',
  'decimal',
  'double',
  'real',
  'boolean',
  'text',
  'bytes',
  'bits',
  'uuid',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'json',
  'array',
] as const;

export type ColumnKind = (typeof columnKinds)[number];

/** Schema of a column's canonical value; any zod refinement of one of the builders below. */
export type ColumnSchema = z.ZodType<string | boolean | null>;

const of = <S extends z.ZodType>(schema: S, kind: ColumnKind): S => schema.meta({ column: kind });

/** Whole number of any width up to unsigned 64 bits, as decimal text. */
export const integer = () => of(z.string().regex(/^-?\d+$/), 'integer');
/** Exact decimal as text without trailing zeros; `NaN` and infinities where the engine has them. */
export const decimal = () => of(z.string(), 'decimal');
/** 64-bit float as its shortest text; `NaN`, `Infinity`, `-Infinity`, `-0`. */
export const double = () => of(z.string(), 'double');
/** 32-bit float, as the shortest text of its exact double. */
export const real = () => of(z.string(), 'real');
export const boolean = () => of(z.boolean(), 'boolean');
export const text = () => of(z.string(), 'text');
/** Base64. */
export const bytes = () => of(z.string(), 'bytes');
/** The number a bit string spells, in binary digits without leading zeros; a varying length is not kept. */
export const bits = () => of(z.string().regex(/^[01]+$/), 'bits');
/** Lower-case text with hyphens. */
export const uuid = () => of(z.string(), 'uuid');
/** `YYYY-MM-DD`. */
export const date = () => of(z.string(), 'date');
/** `HH:MM:SS[.ffffff]`, no zone; trailing zeros of the fraction removed. */
export const time = () => of(z.string(), 'time');
/** `YYYY-MM-DDTHH:MM:SS[.ffffff]`, wall-clock time without a zone. */
export const timestamp = () => of(z.string(), 'timestamp');
/** `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`, an instant. */
export const timestamptz = () => of(z.string(), 'timestamptz');
/** Canonical JSON text: keys sorted, numbers exact. */
export const json = () => of(z.string(), 'json');
/** Canonical JSON text of a one-dimensional or nested array of the elements' texts. */
export const array = () => of(z.string(), 'array');
/** One of a fixed set of labels (a database enum, or text with a check). */
export const enumeration = <const L extends [string, ...string[]]>(...labels: L) =>
  of(z.enum(labels), 'text');

/** The kind a schema was built from, through `.nullable()` and refinements. */
export function columnKind(schema: z.ZodType): ColumnKind {
  const own = schema.meta()?.['column'];
  if (columnKinds.some((kind) => kind === own)) return own as ColumnKind;
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return columnKind(schema.unwrap() as z.ZodType);
  throw new Error('a column schema must start from one of the column builders (text(), integer(), …)');
}

export function isNullable(schema: z.ZodType): boolean {
  return schema.safeParse(null).success;
}

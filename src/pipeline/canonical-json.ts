import { parse } from 'lossless-json';
import { canonicalDecimal } from './canonical-number.ts';

/** A number of a JSON document, kept as its text. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Parses without passing any number through a JavaScript number; of equal keys the last wins, as in both engines. */
export function parseJson(text: string): unknown {
  return parse(text, null, {
    parseNumber: (digits) => new JsonNumber(digits),
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

/**
 * Keys sorted by code unit, no white space, numbers exact and in plain notation (`1.0`, `1e0` and `1` are one number).
 * Undefined for what is not JSON.
 */
export function canonicalJson(text: string, numberText: NumberText = canonicalDecimal): string | undefined {
  return attempt(() => write(parseJson(text), numberText));
}

/** Canonical text of a number's digits; undefined for one out of range. */
export type NumberText = (digits: string) => string | undefined;

/**
 * For what MySQL's log says of a JSON number. An integer wider than 64 bits is a float there, which the log spells in
 * full and a query by its shortest text: the shortest is canonical.
 */
export const loggedNumber: NumberText = (digits) => {
  if (!/^-?\d{19,}$/.test(digits)) return canonicalDecimal(digits);
  const integer = BigInt(digits);
  return integer >= 2n ** 64n || integer < -(2n ** 63n)
    ? canonicalDecimal(String(Number(digits)))
    : String(integer);
};

/** The array's elements as texts: `["1","2",null]`, nested where the array is. Undefined for what is not an array. */
export function canonicalArray(elements: unknown): string | undefined {
  return Array.isArray(elements) ? attempt(() => JSON.stringify(elements.map(elementText))) : undefined;
}

/** As `canonicalArray`, from JSON text. */
export function canonicalArrayText(text: string): string | undefined {
  return attempt(() => canonicalArray(parseJson(text)));
}

/** Every number of a JSON document, as written. */
export function jsonNumbers(text: string): string[] {
  const found: string[] = [];
  parse(text, null, {
    parseNumber: (digits) => found.push(digits),
    onDuplicateKey: ({ newValue }) => newValue,
  });
  return found;
}

function elementText(element: unknown): unknown {
  if (element === null) return null;
  if (Array.isArray(element)) return element.map(elementText);
  if (element instanceof JsonNumber) return element.text;
  if (typeof element === 'string') return element;
  if (typeof element === 'boolean') return String(element);
  throw new SyntaxError('an array element is a composite value');
}

function write(value: unknown, numberText: NumberText): string {
  if (value instanceof JsonNumber) {
    const number = numberText(value.text);
    if (number === undefined) throw new SyntaxError('a number is out of range');
    return number;
  }
  if (Array.isArray(value)) return `[${value.map((element) => write(element, numberText)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${write(member, numberText)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Nesting past the stack's depth counts as not parsable. */
function attempt(work: () => string | undefined): string | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

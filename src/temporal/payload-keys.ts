import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** What payloads are encrypted with. */
export interface PayloadKeys {
  /** Id of the key that encrypts what is written; null: it is written as it is. */
  readonly encrypting: string | null;
  /** Every key that may be met, by id. */
  readonly byId: ReadonlyMap<string, KeyObject>;
}

/** Nothing is encrypted, and nothing that is can be read. */
export const noKeys: PayloadKeys = { encrypting: null, byId: new Map() };

/** Instead of a first key: the others are read with and nothing is encrypted, not yet or no more. */
const plain = 'plain';
const keyId = /^[\w.-]{1,64}$/;
const keyBytes = 32;

/**
 * `ID:KEY` by commas, blanks or lines, KEY being 32 bytes in base64. The first one encrypts. Throws an error that names
 * ids and no key.
 */
export function parsePayloadKeys(text: string): PayloadKeys {
  const [first, ...rest] = text.split(/[\s,]+/).filter((word) => word !== '');
  const words = first === undefined || first === plain ? rest : [first, ...rest];
  if (words.length === 0) throw new Error(`must be ID:KEY, several separated by commas`);
  const keys = words.map(parseKey);
  const byId = new Map(keys);
  const twice = keys.find(([id], at) => keys.findIndex(([other]) => other === id) < at);
  if (twice) throw new Error(`names key "${twice[0]}" twice`);
  return { encrypting: first === plain ? null : keys[0]![0], byId };
}

function parseKey(word: string, at: number): [string, KeyObject] {
  const colon = word.indexOf(':');
  const id = word.slice(0, Math.max(colon, 0));
  // What has no id may be a key alone, which must not be repeated.
  if (!keyId.test(id) || id === plain)
    throw new Error(`part ${at + 1} is not ID:KEY, with an id of letters, digits, "_", "." and "-"`);
  const text = word.slice(colon + 1);
  const key = Buffer.from(text, 'base64');
  if (key.length !== keyBytes || key.toString('base64').replace(/=$/, '') !== text.replace(/=$/, ''))
    throw new Error(`key "${id}" is not 32 bytes in base64, as \`openssl rand -base64 32\` prints them`);
  return [id, createSecretKey(key)];
}

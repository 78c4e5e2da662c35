import { existsSync } from 'node:fs';
import { z } from 'zod';

/** One environment variable: what is read, what is documented and what `.env.example` shows. */
export interface Variable<S extends z.ZodType = z.ZodType> {
  name: string;
  /** Another name for the same thing; both set and differing is an error. */
  alias?: string;
  /** From the variable's text to the setting. Its messages must not repeat the text: it may be a secret. */
  schema: S;
  /** As text, the way it would be set; without one the setting is null when the variable is unset. */
  default?: string;
  unit?: string;
  secret?: boolean;
  description: string;
}

export type Required<S extends z.ZodType> = Variable<S> & { default: string };

const url = (schemes: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.replace(':', '')),
      `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    );

const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(minimum, `must be at least ${minimum}`).max(maximum, `must be at most ${maximum}`));

const hostAndPort = /^(?:[\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}$/;

/** Schemas from text, with messages that read after `NAME: `. */
export const text = {
  list: z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().min(1, 'must be names separated by commas'))),
  addresses: z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().regex(hostAndPort, 'must be host:port, several separated by commas'))),
  address: z.string().regex(hostAndPort, 'must be host:port'),
  httpUrl: url(['http', 'https']).transform((value) => value.replace(/\/+$/, '')),
  url,
  wholeNumber,
  port: wholeNumber(0, 65_535),
  truth: z
    .enum(['true', 'false', '1', '0'], 'must be true or false')
    .transform((value) => value === 'true' || value === '1'),
  oneOf: <const T extends readonly [string, ...string[]]>(...values: T) =>
    z.enum(values, `must be one of ${values.join(', ')}`),
  file: z.string().refine(existsSync, 'no such file'),
  token: z.string().regex(/^[\x21-\x7e]{16,}$/, 'must be 16 characters or more without blanks'),
  any: z.string(),
};

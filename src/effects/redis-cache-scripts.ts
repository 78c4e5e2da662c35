import { defineScript } from '@redis/client';
import type { CommandParser } from '@redis/client';

/** Where a value and what belongs to its builds stand. */
export interface CacheKeys {
  value: string;
  /** Which builds may be kept: those that began in the generation that is here as they end. */
  generation: string;
  /** Who builds; the others wait. */
  lease: string;
}

/** Every key of a value, so that one DEL takes all of them away at once. */
export const cacheKeys = (key: string): CacheKeys => ({
  value: key,
  generation: `${key}:generation`,
  lease: `${key}:lease`,
});

/** What a look came to: the value; or, where there is none, the generation, and whether the lease is this process's. */
export type Looked = { value: string } | { value: null; generation: string; leased: boolean };

const script = <Reply>(SCRIPT: string, transformReply: (reply: unknown) => Reply) =>
  defineScript({
    SCRIPT,
    NUMBER_OF_KEYS: 3,
    parseCommand(parser: CommandParser, keys: CacheKeys, ...values: readonly string[]) {
      parser.pushKeys([keys.value, keys.generation, keys.lease]);
      parser.push(...values);
    },
    transformReply,
  });

/** The lease of a process holds for a generation: its own, of another one, is another lease. */
const leaseOf = (process: string, generation: string) => `${process} .. '/' .. ${generation}`;

/** Each script is one atomic step. A key that holds something of another type counts as absent. */
export const cacheScripts = {
  /** Process, id of a new generation, life of a generation and of a lease in milliseconds, `1` to pass over the value. */
  look: script<Looked>(
    `local value = ARGV[5] == '0' and redis.pcall('GET', KEYS[1])
     if type(value) == 'string' then return {value} end
     local generation = redis.pcall('GET', KEYS[2])
     if type(generation) ~= 'string' then generation = ARGV[2] end
     redis.call('SET', KEYS[2], generation, 'PX', ARGV[3])
     local own = ${leaseOf('ARGV[1]', 'generation')}
     local leased = redis.call('SET', KEYS[3], own, 'NX', 'PX', ARGV[4]) or redis.pcall('GET', KEYS[3]) == own
     return {false, generation, leased and 1 or 0}`,
    (reply) => {
      const [value, generation, leased] = reply as [string | null, string, number];
      return value === null ? { value, generation, leased: leased === 1 } : { value };
    },
  ),
  /** Process, generation, value, its life in milliseconds. Keeps the value if the generation is still that one, and frees the lease. */
  keep: script<boolean>(
    `if redis.pcall('GET', KEYS[3]) == ${leaseOf('ARGV[1]', 'ARGV[2]')} then redis.call('DEL', KEYS[3]) end
     if redis.pcall('GET', KEYS[2]) ~= ARGV[2] then return 0 end
     redis.call('DEL', KEYS[2])
     redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
     return 1`,
    (reply) => reply === 1,
  ),
  /** Process, generation. Frees the lease, if it is still held by that process for that generation. */
  free: script<void>(
    `if redis.pcall('GET', KEYS[3]) == ${leaseOf('ARGV[1]', 'ARGV[2]')} then redis.call('DEL', KEYS[3]) end`,
    () => {},
  ),
};

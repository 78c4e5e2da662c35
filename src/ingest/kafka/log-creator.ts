import { logLevel, type logCreator } from 'kafkajs';
import type { Level, Logger } from 'pino';

/**
 * kafkajs tries on after what it calls an error, and tells of every join and pause: one step down each, so that Tandem's
 * own lines stand out.
 */
const levels: Record<logLevel, Level | null> = {
  [logLevel.NOTHING]: null,
  [logLevel.ERROR]: 'warn',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'debug',
  [logLevel.DEBUG]: 'trace',
};

/** What may be logged of kafkajs' fields: an allow-list, since an error object can carry a request with rows in it. */
const allowed = ['broker', 'clientId', 'groupId', 'topic', 'partition', 'error', 'retryCount', 'retryTime'];

/** Milliseconds within which the same warning is not told again: a broker that is away gives several a second. */
const repeatMs = 10_000;

/** Sends kafkajs' log lines to pino, without stacks and objects. */
export function pinoLogCreator(log: Logger): logCreator {
  const told = new Map<string, number>();
  const repeats = (message: string): boolean => {
    const now = Date.now();
    if (now - (told.get(message) ?? 0) < repeatMs) return true;
    if (told.size > 100) told.clear();
    told.set(message, now);
    return false;
  };
  return () =>
    ({ namespace, level, log: entry }) => {
      const pinoLevel = levels[level];
      if (pinoLevel === null || (pinoLevel === 'warn' && repeats(entry.message))) return;
      const fields: Record<string, string | number> = {
        component: ['kafkajs', namespace].filter(Boolean).join('/'),
      };
      for (const name of allowed) {
        const value: unknown = entry[name];
        if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
      }
      log[pinoLevel](fields, entry.message);
    };
}

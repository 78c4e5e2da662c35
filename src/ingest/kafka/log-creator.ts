import { logLevel, type logCreator } from 'kafkajs';
import type { Level, Logger } from 'pino';

/** kafkajs logs "info" at each join and pause: one step down, so that Tandem's own lines stand out. */
const levels: Record<logLevel, Level | null> = {
  [logLevel.NOTHING]: null,
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'debug',
  [logLevel.DEBUG]: 'trace',
};

/** What may be logged of kafkajs' fields: an allow-list, since an error object can carry a request with rows in it. */
const allowed = ['broker', 'clientId', 'groupId', 'topic', 'partition', 'error', 'retryCount', 'retryTime'];

/** Sends kafkajs' log lines to pino, without stacks and objects. */
export function pinoLogCreator(log: Logger): logCreator {
  return () =>
    ({ namespace, level, log: entry }) => {
      const pinoLevel = levels[level];
      if (pinoLevel === null) return;
      const fields: Record<string, string | number> = { component: `kafkajs/${namespace}` };
      for (const name of allowed) {
        const value: unknown = entry[name];
        if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
      }
      log[pinoLevel](fields, entry.message);
    };
}

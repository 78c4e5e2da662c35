import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

/** What the activities' observer tells already, in our own fields. */
const toldAlready = new Set(['Activity failed', 'Workflow failed']);

let current: Logger | null = null;

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** Sends the SDK's own log lines, those of its native part too, to this logger; its core can be set up once per process, the logger may change. */
export function logTemporalTo(log: Logger): void {
  const first = current === null;
  current = log.child({ component: 'temporal' });
  if (!first) return;
  Runtime.install({
    // Its native part writes to the console by itself unless it is told not to.
    telemetryOptions: { logging: { forward: {} } },
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      // Where it cannot read an activity's task it adds it whole, payloads and all.
      const { task: _task, ...fields } = meta ?? {};
      current?.[toldAlready.has(message) ? 'debug' : levels[level]](fields, message);
    }),
  });
}

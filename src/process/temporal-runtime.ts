import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { DefaultLogger, IllegalStateError, Runtime } from '@temporalio/worker';
import type { RuntimeOptions } from '@temporalio/worker';
import type { Logger } from 'pino';

/** What the activities' observer tells already, in our own fields. */
const toldAlready = new Set(['Activity failed', 'Workflow failed']);

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

let current: { log: Logger; metricsPort: number | null } | null = null;

/**
 * The SDK's native core, one for each process, is gone with its last connection, so this is for each new one: its log lines,
 * those of its native part too, go to this logger, and it tells its metrics.
 */
export async function installTemporalRuntime(log: Logger): Promise<void> {
  current = { log: log.child({ component: 'temporal' }), metricsPort: current?.metricsPort ?? null };
  const port = await freePort();
  try {
    Runtime.install(options(port));
    current.metricsPort = port;
  } catch (error) {
    // There is one already.
    if (!(error instanceof IllegalStateError)) throw error;
  }
}

/** The SDK's metrics in the Prometheus format; empty where it tells none. Never rejects. */
export async function temporalMetrics(): Promise<string> {
  if (!current?.metricsPort) return '';
  try {
    const page = await fetch(`http://127.0.0.1:${current.metricsPort}/metrics`, {
      signal: AbortSignal.timeout(1000),
    });
    return await page.text();
  } catch {
    return '';
  }
}

/** The core tells its metrics only by a port of its own; names and units as Prometheus has them. */
const options = (port: number): RuntimeOptions => ({
  telemetryOptions: {
    // Its native part writes to the console by itself unless it is told not to.
    logging: { forward: {} },
    metrics: {
      attachServiceName: false,
      prometheus: {
        bindAddress: `127.0.0.1:${port}`,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
      },
    },
  },
  logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
    // Where it cannot read an activity's task it adds it whole, payloads and all.
    const { task: _task, ...fields } = meta ?? {};
    current?.log[toldAlready.has(message) ? 'debug' : levels[level]](fields, message);
  }),
});

/** Taken by somebody else before it is bound, installing fails and is tried again as connecting is. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

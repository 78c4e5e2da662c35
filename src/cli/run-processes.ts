import { once } from 'node:events';
import { createLogger } from '../observability/logger.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { run } from '../process/run.ts';
import type { RunOptions } from '../process/run.ts';
import { stopSignal } from './stop-signal.ts';

/** Which part of the work a process takes over. */
export interface Share extends Pick<RunOptions, 'ingest' | 'worker' | 'endpoints'> {
  /** Names or modules; the configured ones where none is given. */
  pipelines?: readonly string[];
}

/**
 * Runs a share of the work until SIGINT or SIGTERM drains it; a second signal ends the process at once.
 * Rejects when a part cannot go on by itself.
 */
export async function runProcesses({ pipelines, ingest, worker, endpoints }: Share): Promise<void> {
  const environment = loadEnvironment();
  const settings = loadSettings(environment);
  const log = createLogger({ level: settings.logLevel });
  const stopping = stopSignal((signal) => log.info({ signal }, 'draining'));
  const stopped = once(stopping, 'abort');
  const running = await run({
    environment,
    pipelines: await loadPipelines(pipelines?.length ? pipelines : settings.pipelines),
    ingest,
    worker,
    endpoints,
    log,
    signal: stopping,
  });
  log.info({ port: running.healthPort, component: 'health' }, 'ready');
  try {
    await Promise.race([stopped, running.failed]);
  } finally {
    await running.stop();
    log.info('stopped');
  }
}

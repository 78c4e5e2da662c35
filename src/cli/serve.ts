import { once } from 'node:events';
import { Command } from 'commander';
import { createLogger } from '../observability/logger.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { serve } from '../process/serve.ts';
import { stopSignal } from './stop-signal.ts';

async function serveUntilStopped(names: readonly string[]): Promise<void> {
  const environment = loadEnvironment();
  const settings = loadSettings(environment);
  const log = createLogger({ level: settings.logLevel });
  const stopping = stopSignal((signal) => log.info({ signal }, 'draining'));
  const pipelines = await loadPipelines(names.length > 0 ? names : settings.pipelines);
  const serving = await serve({ environment, pipelines, log });
  log.info({ port: serving.healthPort, component: 'health' }, 'ready');
  if (!stopping.aborted) await once(stopping, 'abort');
  await serving.stop();
  log.info('stopped');
}

/** `tandem serve [PIPELINES]`: several may run behind one address. */
export function serveCommand(): Command {
  return new Command('serve')
    .description("Answer a pipeline's HTTP endpoints")
    .argument('[pipelines...]', 'names or modules; the configured ones without them')
    .action(serveUntilStopped);
}

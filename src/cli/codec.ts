import { once } from 'node:events';
import { Command } from 'commander';
import { createLogger } from '../observability/logger.ts';
import { serveCodec } from '../process/codec.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { stopSignal } from './stop-signal.ts';

async function serveUntilStopped(): Promise<void> {
  const environment = loadEnvironment();
  const log = createLogger({ level: loadSettings(environment).logLevel });
  const stopping = stopSignal((signal) => log.info({ signal }, 'draining'));
  const serving = await serveCodec(environment, log);
  log.info({ port: serving.healthPort, component: 'health' }, 'ready');
  if (!stopping.aborted) await once(stopping, 'abort');
  await serving.stop();
  log.info('stopped');
}

export function codecCommand(): Command {
  return new Command('codec')
    .description('Decode encrypted payloads for the Web UI and the Temporal CLI')
    .addHelpText(
      'after',
      '\nThe Web UI is told its address as codec endpoint; see docs/encryption.md. `tandem temporal` needs none.',
    )
    .action(serveUntilStopped);
}

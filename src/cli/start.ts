import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from 'commander';
import { pino } from 'pino';
import { createLogger } from '../observability/logger.ts';
import { run } from '../process/run.ts';
import { prepareEmbedded } from './embedded.ts';
import { runningLinks } from './links.ts';
import { liveView } from './live-view.ts';
import { mainStack } from './main-stack.ts';
import { stopSignal } from './stop-signal.ts';
import { whileQueuesAreFed } from './while-queues-are-fed.ts';

/** Runs until Ctrl-C or SIGTERM: a live view with the log in a file on a terminal, JSON lines on stdout elsewhere. */
async function start(names: string[], { sample }: { sample: boolean }): Promise<void> {
  const stopping = stopSignal(() => {});
  const stopped = once(stopping, 'abort');
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const embedded = await prepareEmbedded({ pipelines: names, sample, say }, stopping);
  const { environment, settings, pipelines } = embedded;
  const stack = await mainStack(names);

  const terminal = process.stdout.isTTY;
  const logFile = join(stack.folders.home, 'logs', 'tandem.log');
  const destination = terminal ? pino.destination({ dest: logFile, mkdir: true, sync: false }) : undefined;
  const log = createLogger({ level: settings.logLevel, ...(destination && { destination }) });
  const running = await run({
    environment,
    pipelines,
    log,
    signal: stopping,
    ingest: 'all',
    worker: true,
    endpoints: true,
    codec: true,
  });
  const links = [
    ...runningLinks(settings, running),
    'Ctrl-C drains and ends; `npm run tandem -- stack down` ends the servers',
  ];
  const viewing = new AbortController();
  const view = terminal
    ? liveView(running, [...links, `log           ${logFile}`], process.stdout, viewing.signal)
    : Promise.resolve();
  if (!terminal) links.forEach(say);
  try {
    await whileQueuesAreFed({ embedded, stack, log, signal: stopping }, async () => {
      await Promise.race([stopped, running.failed]);
    });
  } finally {
    viewing.abort();
    await view;
    say('draining');
    await running.stop();
    say('stopped; the servers still run');
  }
}

export function startCommand(): Command {
  return new Command('start')
    .description('Bring the embedded stack up if it is not, then run all of Tandem with a live view')
    .argument('[pipelines...]', 'names or modules; the configured ones without them')
    .option('--no-sample', 'do not put sample rows into empty databases')
    .action(start);
}

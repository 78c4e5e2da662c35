import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { pino } from 'pino';
import { showPipeline } from '../demo/show.ts';
import { median, tourTable } from '../demo/tour-table.ts';
import type { TourLine } from '../demo/tour-table.ts';
import { createLogger } from '../observability/logger.ts';
import { httpAddress } from '../process/config/http.ts';
import { loadTour } from '../process/pipelines.ts';
import { run } from '../process/run.ts';
import type { Running } from '../process/run.ts';
import { workflowLink } from '../process/web-ui.ts';
import { readEnvFile } from '../stack/env-file.ts';
import { prepareEmbedded } from './embedded.ts';
import type { Embedded } from './embedded.ts';
import { interruptible } from './interrupt.ts';
import { runningLinks } from './links.ts';
import { mainStack } from './main-stack.ts';
import { whileQueuesAreFed } from './while-queues-are-fed.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Waits until every change there is (sample rows, what an earlier run left) has arrived. */
async function caughtUp(running: Running, signal: AbortSignal): Promise<void> {
  let quiet = 0;
  while (quiet < 3) {
    signal.throwIfAborted();
    const behind = running.inHand.records() > 0 || running.openWork.some(({ inFlight }) => inFlight > 0);
    quiet = behind ? 0 : quiet + 1;
    await delay(500, undefined, { signal });
  }
}

async function tours(embedded: Embedded, running: Running, signal: AbortSignal): Promise<TourLine[]> {
  const { settings } = embedded;
  say('waiting until the rows that are there already have arrived on the other side');
  await caughtUp(running, signal);
  const lines: TourLine[] = [];
  for (const pipeline of embedded.pipelines) {
    const tour = await loadTour(pipeline.name);
    if (!tour) continue;
    const log = createLogger({ level: 'silent' });
    const { endpointsPort: port } = running;
    const endpoints = port === null ? null : httpAddress(settings, settings.endpointsHost, port);
    const link = (workflowId: string) => workflowLink(settings, workflowId);
    lines.push(...(await showPipeline({ ...embedded, pipeline, tour, endpoints, log }, { line: say, link })));
  }
  return lines;
}

function report(lines: readonly TourLine[]): boolean {
  say(`\n${tourTable(lines)}`);
  const singles = lines.flatMap((line) => line.singles);
  const figure = median(singles);
  if (figure !== null)
    say(
      `median of ${singles.length} single rows, from the app's commit to the row on the other side: ${Math.round(figure)} ms`,
    );
  const failed = lines.filter(({ ok }) => !ok);
  for (const { title, note } of failed) say(`FAILED: ${title}: ${note}`);
  return failed.length === 0;
}

async function demo(
  names: readonly string[],
  { keep }: { keep: boolean },
  signal: AbortSignal,
): Promise<void> {
  const stack = await mainStack(names);
  const wasUp = stack.status().some(({ state }) => state === 'running');
  try {
    const embedded = await prepareEmbedded({ pipelines: names, sample: true, say }, signal);
    const { settings, environment, pipelines } = embedded;
    const logFile = join(stack.folders.home, 'logs', 'tandem.log');
    const log = createLogger({
      level: settings.logLevel,
      destination: pino.destination({ dest: logFile, mkdir: true, sync: false }),
    });
    const running = await run({
      environment,
      pipelines,
      log,
      signal,
      ingest: 'all',
      worker: true,
      endpoints: true,
      codec: true,
    });
    try {
      await whileQueuesAreFed({ embedded, stack, log, signal }, async () => {
        if (!report(await tours(embedded, running, signal))) process.exitCode = 1;
        if (keep) {
          say(['', ...runningLinks(settings, running), `log           ${logFile}`].join('\n'));
          for (const [name, value] of Object.entries(readEnvFile(stack.folders.env))) say(`${name}=${value}`);
          say(
            '\nEverything stays up. Ctrl-C drains and ends ingest and worker; `npm run tandem -- stack down` the servers.',
          );
          await new Promise<void>((resolve) =>
            signal.addEventListener('abort', () => resolve(), { once: true }),
          );
        }
      });
    } finally {
      await running.stop();
    }
  } finally {
    if (!keep && !wasUp) await stack.down();
  }
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('Start everything, walk through a guided tour on real rows, and stop again')
    .argument('[pipelines...]', 'names or modules; the configured ones without them')
    .option('--keep', 'leave everything up afterwards, until Ctrl-C', false)
    .action((pipelines: string[], options: { keep: boolean }) =>
      interruptible((signal) => demo(pipelines, options, signal)),
    );
}

import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import { pino } from 'pino';
import { createKafka } from '../ingest/kafka/client.ts';
import { kafkaConnection } from '../process/config/kafka.ts';
import { loadSettings, retryLimits } from '../process/config/settings.ts';
import { importDeadLetters } from './import-dead-letters.ts';
import { imported } from './import-view.ts';
import { inPlace } from './in-place.ts';
import { instantOf } from './instant.ts';
import { configuredPipelines } from './named-pipeline.ts';
import { barOf, number } from './progress-text.ts';
import { withTemporal } from './with-temporal.ts';

interface Options {
  topic?: string;
  since?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `tandem dlq import`: dead letters that Temporal has lost, from their topic. */
export function dlqImportCommand(): Command {
  return new Command('import')
    .description('raise what the dead-letter topic holds and Temporal has lost; again raises none twice')
    .argument('[pipeline]', 'only of this pipeline')
    .option('--topic <name>', 'the topic to read; default: DLQ_TOPIC')
    .option('--since <instant>', 'only what was written since: 2026-01-08T10:00Z, or 12h, 7d', instantOf)
    .option('--dry-run', 'only say what would be raised')
    .option('--json', 'print JSON')
    .action((pipeline: string | undefined, options: Options) =>
      withTemporal((client) => takeBack(client, pipeline, options)),
    );
}

async function takeBack(
  client: Client,
  pipeline: string | undefined,
  { topic, since, dryRun = false, json }: Options,
): Promise<void> {
  const settings = loadSettings();
  const kafka = createKafka(
    { ...kafkaConnection(settings), clientId: 'tandem-dlq-import' },
    pino({ level: 'silent' }),
  );
  const line = process.stderr.isTTY ? inPlace(process.stderr) : null;
  const came = await importDeadLetters(client, kafka, {
    topic: topic ?? settings.deadLetterTopic,
    since: since === undefined ? null : Date.parse(since),
    pipelines: await configuredPipelines(pipeline),
    limits: retryLimits(settings),
    dryRun,
    progress: (what, done, all) => line?.(`${barOf(done / all)} ${number(done)} of ${number(all)} ${what}`),
  }).finally(() => line?.clear());
  process.stdout.write(`${json ? JSON.stringify(came, null, 2) : imported(came)}\n`);
  if (came.errors.length > 0) process.exitCode = 1;
}

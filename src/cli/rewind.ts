import { Command, InvalidArgumentError } from 'commander';
import { pino } from 'pino';
import { ConfigError } from '../errors/config-error.ts';
import { createKafka } from '../ingest/kafka/client.ts';
import { rewindGroup } from '../ingest/kafka/rewind.ts';
import type { RewoundPartition } from '../ingest/kafka/rewind.ts';
import { kafkaConnection } from '../process/config/kafka.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides } from '../process/config/sides.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { sideTopics } from '../process/side-topics.ts';
import { examples } from './examples.ts';
import { print } from './print.ts';

function time(text: string): Date {
  const at = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('must be a time as in ISO 8601, like 2026-01-31T08:00:00Z');
  return at;
}

const movedLine = ({ topic, partition, from, before }: RewoundPartition) =>
  `${topic}[${partition}]: ${BigInt(before) - BigInt(from)} records are read again, from ${from}`;

/** `tandem rewind PIPELINE/SIDE --to TIME`. */
export function rewindCommand(): Command {
  return new Command('rewind')
    .description('Have a side’s changes since a time applied again, after the other side was restored')
    .argument('<pipeline/side>', 'the side whose changes are read again, not the one that was restored')
    .addHelpText('after', examples('rewind blog/legacy --to 2026-01-31T08:00:00Z'))
    .requiredOption(
      '--to <time>',
      'a time well before the backup, ISO 8601; an old one costs only work',
      time,
    )
    .option('--json', 'print JSON')
    .action(async (wanted: string, { to, json }: { to: Date; json?: boolean }) => {
      const [, name, side] = /^(.+)\/([^/]+)$/.exec(wanted) ?? [];
      if (name === undefined || side === undefined)
        throw new ConfigError([`${wanted}: must be PIPELINE/SIDE`]);
      const [pipeline] = await loadPipelines([name]);
      const compiled = pipeline!.sides.get(side);
      if (compiled === undefined)
        throw new ConfigError([
          `pipeline ${name} has no side ${side}; it has ${[...pipeline!.sides.keys()].join(' and ')}`,
        ]);
      const settings = loadSettings();
      const own = resolveSides(pipeline!).get(side)!;
      if (own.feed === 'sqs')
        throw new ConfigError([
          `${wanted}: its changes come in a queue, which keeps none that was read: use tandem backfill`,
        ]);
      const kafka = createKafka(
        { ...kafkaConnection(settings), clientId: 'tandem-rewind' },
        pino({ level: 'silent' }),
      );
      const moved = await rewindGroup(kafka, {
        groupId: own.groupId,
        topics: sideTopics(compiled, own),
        to,
      });
      print(json, moved, (all) =>
        all.length === 0 ? 'nothing was read since then: nothing to do' : all.map(movedLine).join('\n'),
      );
    });
}

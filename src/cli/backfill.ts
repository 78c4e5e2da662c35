import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Command } from 'commander';
import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadSettings, retryLimits } from '../process/config/settings.ts';
import { workflowLink } from '../process/web-ui.ts';
import type { BackfillInput, BackfillStatus, BackfillStep } from '../temporal/backfill.ts';
import { backfillId, updateNames, workflowTypes } from '../temporal/names.ts';
import { backfillStartOptions } from '../temporal/start-backfill.ts';
import { backfillSummary } from './backfill-view.ts';
import { examples } from './examples.ts';
import { followBackfill, readBackfill } from './follow-backfill.ts';
import { named } from './pause.ts';
import { print } from './print.ts';
import { whileRuns } from './while-runs.ts';
import { wholeNumber } from './whole-number.ts';
import { withTemporal } from './with-temporal.ts';

const positive = wholeNumber(999_999_999);

interface Options {
  entity?: string[];
  from?: string;
  where?: string;
  dryRun?: boolean;
  rate?: number;
  pageRows: number;
  parallel: number;
  detach?: boolean;
  json?: boolean;
}

/** `tandem backfill`: brings the rows that are there already. */
export function backfillCommand(): Command {
  const command = new Command('backfill')
    .description('Bring the rows that are there already to the other side, parents first')
    .argument('<pipeline>', 'its name')
    .option('--entity <name...>', 'only of these entities')
    .option(
      '--from <side>',
      'only rows of this side; without it each side’s rows go to the other, one way after another',
    )
    .option('--where <condition>', 'SQL condition on the source table; for one entity and one way')
    .option('--dry-run', 'only count the rows, and those that have a row on the other side already')
    .option('--rate <n>', 'at most so many rows a second', positive)
    .option('--page-rows <n>', 'rows that are brought at a time', positive, 500)
    .option('--parallel <n>', 'pages under way at a time', positive, 2)
    .option('--detach', 'start it and do not wait for its end')
    .addHelpText(
      'after',
      examples(
        'backfill blog --dry-run',
        'backfill blog --entity posts --from legacy --rate 500',
        'backfill status blog',
      ),
    )
    .option('--json', 'print the end as JSON')
    .action(async (name: string, options: Options) => {
      const { pipeline } = await named(name);
      await withTemporal((client) => backfill(client, pipeline, options));
    });
  const decide = (
    verb: string,
    description: string,
    act: (client: Client, pipeline: string, json: boolean | undefined) => Promise<void>,
  ) =>
    command
      .command(verb)
      .description(description)
      .argument('<pipeline>', 'its name')
      .option('--json', 'print JSON')
      .action((name: string, { json }: { json?: boolean }) =>
        withTemporal((client) => act(client, name, json)),
      );
  decide('status', 'how far it is, until its end; with --json how far it is now', status);
  decide('pause', 'begin no further page until it is resumed', (client, pipeline, json) =>
    update(client, pipeline, updateNames.pause, json),
  );
  decide('resume', 'go on after a pause', (client, pipeline, json) =>
    update(client, pipeline, updateNames.resume, json),
  );
  decide('cancel', 'end it after the pages that are under way; what was brought stays', cancel);
  return command;
}

async function backfill(client: Client, pipeline: CompiledPipeline, options: Options): Promise<void> {
  const settings = loadSettings();
  const steps = stepsOf(pipeline, options);
  if (options.where !== undefined && steps.length > 1)
    throw new ConfigError(['--where: is about one table; name it by --entity and --from']);
  const input: BackfillInput = {
    pipeline: pipeline.name,
    steps,
    where: options.where ?? null,
    dryRun: options.dryRun === true,
    pageRows: options.pageRows,
    parallel: options.parallel,
    rowsPerSecond: options.rate ?? null,
    mostOpen: settings.maxInFlight,
    mostWaiting: settings.maxWaiting,
    limits: retryLimits(settings),
  };
  try {
    await client.workflow.start(workflowTypes.backfill, backfillStartOptions(input));
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const how = `'tandem backfill status ${pipeline.name}' shows it, 'tandem backfill cancel ${pipeline.name}' ends it`;
    throw new Error(`a backfill of ${pipeline.name} is under way: ${how}`, { cause: error });
  }
  const workflowId = backfillId(pipeline.name);
  if (options.detach || !options.json)
    print(options.json, { workflowId }, () => `in the Web UI: ${workflowLink(settings, workflowId)}`);
  if (options.detach) return;
  await followBackfill(client, pipeline.name, { json: options.json === true });
}

/** Parents before children, one way after another. Throws `ConfigError` where the pipeline has nothing of the name. */
export function stepsOf(
  pipeline: CompiledPipeline,
  { entity, from }: Pick<Options, 'entity' | 'from'>,
): BackfillStep[] {
  const unknown = (entity ?? []).filter((name) => !pipeline.entities.includes(name));
  if (unknown.length > 0)
    throw new ConfigError([
      `--entity: ${pipeline.name} has no entity ${unknown.join(', ')}, only ${pipeline.entities.join(', ')}`,
    ]);
  const sides = [...pipeline.sides.keys()];
  if (from !== undefined && !sides.includes(from))
    throw new ConfigError([`--from: ${pipeline.name} has no side ${from}, only ${sides.join(', ')}`]);
  const steps = sides
    .filter((side) => from === undefined || side === from)
    .flatMap((side) =>
      pipeline.entities
        .filter((name) => entity === undefined || entity.includes(name))
        .flatMap((name) => {
          const route = pipeline.route(name, side);
          return route ? [{ entity: name, from: side, to: route.target.side }] : [];
        }),
    );
  if (steps.length === 0)
    throw new ConfigError([
      `${pipeline.name} brings nothing of ${(entity ?? []).join(', ')} on from ${from}`,
    ]);
  return steps;
}

async function status(client: Client, pipeline: string, json: boolean | undefined): Promise<void> {
  if (json) print(json, await readBackfill(client, pipeline), backfillSummary);
  else await followBackfill(client, pipeline, { json: false });
}

async function update(
  client: Client,
  pipeline: string,
  name: string,
  json: boolean | undefined,
): Promise<void> {
  await readBackfill(client, pipeline);
  const handle = client.workflow.getHandle(backfillId(pipeline));
  const status = await whileRuns(`backfill of ${pipeline}`, () =>
    handle.executeUpdate<BackfillStatus, []>(name),
  );
  print(json, status, backfillSummary);
}

async function cancel(client: Client, pipeline: string, json: boolean | undefined): Promise<void> {
  await whileRuns(`backfill of ${pipeline}`, () => client.workflow.getHandle(backfillId(pipeline)).cancel());
  print(
    json,
    { pipeline, cancelled: true },
    () => `the backfill of ${pipeline} is cancelled; what was brought stays`,
  );
}

import { writeFile } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Command } from 'commander';
import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadSettings } from '../process/config/settings.ts';
import { clockSince, firstRoute, verifyParts } from '../process/verify-parts.ts';
import { workflowLink } from '../process/web-ui.ts';
import { updateNames, verifyId, workflowTypes } from '../temporal/names.ts';
import { verifyStartOptions } from '../temporal/start-verify.ts';
import { defaultSettleMs } from '../temporal/verify.ts';
import type { RepairOrder, VerifyInput, VerifyStatus } from '../temporal/verify.ts';
import { wrongRows } from '../temporal/verify-report.ts';
import { examples } from './examples.ts';
import { followVerify, latestVerify, readVerify } from './follow-verify.ts';
import { instantOf } from './instant.ts';
import { named } from './pause.ts';
import { print } from './print.ts';
import { verifyHtml } from './verify-html.ts';
import { verifyReport, verifySummary } from './verify-view.ts';
import { whileRuns } from './while-runs.ts';
import { wholeNumber } from './whole-number.ts';
import { withTemporal } from './with-temporal.ts';

const positive = wholeNumber(999_999_999);

interface Options extends Shown {
  entity?: string[];
  sample?: number;
  since?: string;
  rate?: number;
  settle: number;
  repair?: boolean;
  from?: string;
  byPolicy?: boolean;
  dryRun?: boolean;
  detach?: boolean;
}

interface Shown {
  json?: boolean;
  html?: string;
}

/** `tandem verify`: compares both sides, and repairs. */
export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('Compare both sides row by row, say what is wrong, and repair it')
    .argument('<pipeline>', 'its name')
    .option('--entity <name...>', 'only these entities')
    .option('--sample <n>', 'only about so many rows of each table, other ones each time', positive)
    .option('--since <time>', 'only rows changed since: an instant, or how long ago (2h, 7d)', instantOf)
    .option('--rate <n>', 'at most so many rows a second', positive)
    .option(
      '--settle <seconds>',
      'so long rows that differ are given for changes under way to arrive',
      positive,
      defaultSettleMs / 1000,
    )
    .option('--repair', 'repair what is wrong, by a new version of each row')
    .option('--from <side>', 'of a repair: this side’s rows are right')
    .option('--by-policy', 'of a repair: the newer version is right, or what the conflict policy says')
    .option('--dry-run', 'of a repair: only say what would be written')
    .option('--detach', 'start it and do not wait for its end')
    .option('--html <file>', 'write the report as a page, too')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples(
        'verify blog',
        'verify blog --entity users --since 2h',
        'verify blog --repair --by-policy --dry-run',
        'verify status blog --html report.html',
      ),
    )
    .action(async (name: string, options: Options) => {
      const { pipeline } = await named(name);
      const input = inputOf(pipeline, options);
      await withTemporal((client) => verify(client, input, options));
    });
  const sub = (verb: string, description: string) =>
    command.command(verb).description(description).argument('<pipeline>', 'its name');
  sub('status', 'the last one, scheduled or not, until its end; with --json how far it is now')
    .option('--html <file>', 'write the report as a page, too')
    .option('--json', 'print JSON')
    .action((name: string, shown: Shown) => withTemporal((client) => status(client, name, shown)));
  for (const [verb, description] of [
    ['pause', 'look at no further row until it is resumed'],
    ['resume', 'go on after a pause'],
  ] as const)
    sub(verb, description)
      .option('--json', 'print JSON')
      .action((name: string, { json }: Shown) =>
        withTemporal((client) => update(client, name, updateNames[verb], json)),
      );
  sub('cancel', 'end it; what was repaired stays')
    .option('--json', 'print JSON')
    .action((name: string, { json }: Shown) => withTemporal((client) => cancel(client, name, json)));
  return command;
}

function inputOf(pipeline: CompiledPipeline, options: Options): VerifyInput {
  const { entity: entities, sample, since, rate, settle } = options;
  const unknown = (entities ?? []).filter((name) => !pipeline.entities.includes(name));
  if (unknown.length > 0)
    throw new ConfigError([
      `--entity: ${pipeline.name} has no entity ${unknown.join(', ')}, only ${pipeline.entities.join(', ')}`,
    ]);
  const parts = verifyParts(pipeline, {
    entities,
    rowsOnly: sample !== undefined || since !== undefined,
  });
  return {
    pipeline: pipeline.name,
    parts,
    since: since === undefined ? null : clockSince(pipeline, parts, since),
    sample: sample ?? null,
    rowsPerSecond: rate ?? null,
    repair: repairOf(pipeline, parts, options),
    settleMs: settle * 1000,
  };
}

function repairOf(
  pipeline: CompiledPipeline,
  parts: VerifyInput['parts'],
  { repair, from, byPolicy, dryRun }: Options,
): RepairOrder | null {
  if (!repair) {
    const alone = Object.entries({ '--from': from, '--by-policy': byPolicy, '--dry-run': dryRun });
    const [given] = alone.filter(([, value]) => value !== undefined);
    if (given) throw new ConfigError([`${given[0]}: says how to repair, and comes with --repair`]);
    return null;
  }
  const sides = [...pipeline.sides.keys()];
  if ((from === undefined) === (byPolicy === undefined))
    throw new ConfigError([
      `--repair: say which rows are right, by one of --from ${sides.join('|')} and --by-policy`,
    ]);
  if (from !== undefined && !sides.includes(from))
    throw new ConfigError([`--from: ${pipeline.name} has no side ${from}, only ${sides.join(', ')}`]);
  const against = parts.filter(
    ({ entity, twoWay }) =>
      from !== undefined && !twoWay && firstRoute(pipeline, entity).source.side !== from,
  );
  if (against.length > 0)
    throw new ConfigError([
      `--from: nothing of ${[...new Set(against.map(({ entity }) => entity))].join(', ')} flows from ${from}; name others with --entity`,
    ]);
  return { from: from ?? null, dryRun: dryRun === true };
}

async function verify(client: Client, input: VerifyInput, options: Options): Promise<void> {
  const { pipeline } = input;
  try {
    await client.workflow.start(workflowTypes.verify, verifyStartOptions(input));
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const how = `'tandem verify status ${pipeline}' shows it, 'tandem verify cancel ${pipeline}' ends it`;
    throw new Error(`a comparison of ${pipeline} is under way: ${how}`, { cause: error });
  }
  const workflowId = verifyId(pipeline);
  if (options.detach || !options.json)
    print(options.json, { workflowId }, () => `in the Web UI: ${workflowLink(loadSettings(), workflowId)}`);
  if (options.detach) return;
  await show(await followVerify(client, pipeline, workflowId, options.json === true), options);
}

async function status(client: Client, pipeline: string, shown: Shown): Promise<void> {
  const workflowId = await latestVerify(client, pipeline);
  if (shown.json) await show(await readVerify(client, pipeline, workflowId), shown);
  else await show(await followVerify(client, pipeline, workflowId, false), shown);
}

/** Ends with 1 where something is wrong and was not repaired. */
async function show(report: VerifyStatus, { json, html }: Shown): Promise<void> {
  if (html !== undefined) await writeFile(html, verifyHtml(report));
  print(json, report, verifyReport);
  if (report.state === 'done' && wrongRows(report) > 0) process.exitCode = 1;
}

async function update(
  client: Client,
  pipeline: string,
  name: string,
  json: boolean | undefined,
): Promise<void> {
  const workflowId = await latestVerify(client, pipeline);
  const handle = client.workflow.getHandle(workflowId);
  await readVerify(client, pipeline, workflowId);
  print(
    json,
    await whileRuns(`comparison of ${pipeline}`, () => handle.executeUpdate<VerifyStatus, []>(name)),
    verifySummary,
  );
}

async function cancel(client: Client, pipeline: string, json: boolean | undefined): Promise<void> {
  const workflowId = await latestVerify(client, pipeline);
  await whileRuns(`comparison of ${pipeline}`, () => client.workflow.getHandle(workflowId).cancel());
  print(
    json,
    { pipeline, cancelled: true },
    () => `the comparison of ${pipeline} is cancelled; what was repaired stays`,
  );
}

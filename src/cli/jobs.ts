import type { Client } from '@temporalio/client';
import { Command, InvalidArgumentError } from 'commander';
import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { workflowLink } from '../process/web-ui.ts';
import { jobId } from '../temporal/names.ts';
import { examples } from './examples.ts';
import { followJob } from './follow-job.ts';
import { jobsTable } from './jobs-view.ts';
import { inWebUi } from './links.ts';
import { listJob } from './list-jobs.ts';
import { pipelineNamed } from './named-pipeline.ts';
import { print } from './print.ts';
import { describeJob, triggerJob } from './trigger-job.ts';
import { withTemporal } from './with-temporal.ts';

interface RunOptions {
  detach?: boolean;
  json?: boolean;
}

interface DecideOptions {
  reason: string;
  json?: boolean;
}

/** `tandem jobs`: what a pipeline does again and again by Temporal Schedules. */
export function jobsCommand(): Command {
  const command = new Command('jobs')
    .description("Run a pipeline's jobs now, and see when they run")
    .addHelpText('after', examples('jobs list', 'jobs run PIPELINE JOB'));
  command
    .command('list')
    .description('each job: its last run, the next one, and how far a run under way is')
    .argument('[pipeline]', 'all that are configured without it')
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, { json }: { json?: boolean }) => {
      const pipelines =
        name === undefined ? await loadPipelines(loadSettings().pipelines) : [await pipelineNamed(name)];
      await withTemporal((client) => list(client, pipelines, json === true));
    });
  ofJob(command, 'run', 'run a job at once, and follow it to its end')
    .option('--detach', 'do not wait for its end')
    .option('--json', 'print the end as JSON')
    .action(async (name: string, job: string, options: RunOptions) => {
      const pipeline = await pipelineWith(name, job);
      await withTemporal((client) => run(client, pipeline, job, options));
    });
  ofJob(command, 'pause', 'begin no further run until it is resumed; one that is under way goes on')
    .requiredOption('--reason <text>', 'why; the list and the Web UI show it', words)
    .option('--json', 'print JSON')
    .action(pause);
  ofJob(command, 'resume', 'let it run again')
    .option('--reason <text>', 'why; kept with the schedule', words, 'by command')
    .option('--json', 'print JSON')
    .action(resume);
  return command;
}

const ofJob = (command: Command, verb: string, description: string) =>
  command
    .command(verb)
    .description(description)
    .argument('<pipeline>', 'its name')
    .argument('<job>', 'as `jobs list` shows it');

/** Throws `ConfigError` where there is no such pipeline, or it has no such job. */
async function pipelineWith(name: string, job: string): Promise<string> {
  const { name: pipeline, jobs } = await pipelineNamed(name);
  const names = jobs.map((each) => each.name);
  if (names.includes(job)) return pipeline;
  throw new ConfigError([
    names.length === 0
      ? `${pipeline} has no jobs`
      : `${pipeline} has no job ${job}, only ${names.join(', ')}`,
  ]);
}

async function list(client: Client, pipelines: readonly CompiledPipeline[], json: boolean): Promise<void> {
  const listed = await Promise.all(
    pipelines.flatMap(({ name, jobs }) => jobs.map((job) => listJob(client, name, job))),
  );
  const none = `${pipelines.map(({ name }) => name).join(', ')}: no jobs`;
  print(json, listed, (all) => (all.length === 0 ? none : jobsTable(all)));
}

async function run(client: Client, pipeline: string, job: string, { detach, json }: RunOptions) {
  const begun = await triggerJob(client, pipeline, job);
  if (!json) {
    if (begun.joined) process.stdout.write(`a run of ${job} is under way already: it is this one\n`);
    inWebUi(workflowLink(loadSettings(), begun.workflowId));
  }
  if (!detach) await followJob(client, { pipeline, job, ...begun }, { json: json === true });
  else if (json) process.stdout.write(`${JSON.stringify(begun, null, 2)}\n`);
}

async function pause(name: string, job: string, { reason, json }: DecideOptions): Promise<void> {
  const pipeline = await pipelineWith(name, job);
  await withTemporal(async (client) => {
    await describeJob(client, pipeline, job);
    await client.schedule.getHandle(jobId(pipeline, job)).pause(reason);
    print(
      json,
      { pipeline, job, paused: true, reason },
      () => `${job} of ${pipeline} is paused; tandem jobs resume ${pipeline} ${job}`,
    );
  });
}

async function resume(name: string, job: string, { reason, json }: DecideOptions): Promise<void> {
  const pipeline = await pipelineWith(name, job);
  await withTemporal(async (client) => {
    const { state } = await describeJob(client, pipeline, job);
    if (!state.paused) throw new Error(`${job} of ${pipeline} is not paused`);
    await client.schedule.getHandle(jobId(pipeline, job)).unpause(reason);
    print(
      json,
      { pipeline, job, paused: false, reason },
      () => `${job} of ${pipeline} goes on: it was paused (${state.note})`,
    );
  });
}

/** Temporal takes an order without words for none. */
function words(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('must say something');
  return text;
}

import type { Client } from '@temporalio/client';
import { Command } from 'commander';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadSettings } from '../process/config/settings.ts';
import { workflowTypes } from '../temporal/names.ts';
import { scopeName } from '../temporal/pause.ts';
import type { PauseScope } from '../temporal/pause.ts';
import { listPauses, openPausesQuery } from '../temporal/pauses.ts';
import { pauseStartOptions } from '../temporal/start-pause.ts';
import { examples } from './examples.ts';
import { inWebUi } from './links.ts';
import { listLink } from '../process/web-ui.ts';
import { pipelineNamed } from './named-pipeline.ts';
import { pauseLine } from './pause-line.ts';
import { scopeNamed } from './pause-scope.ts';
import { print } from './print.ts';
import { withTemporal } from './with-temporal.ts';

/** `tandem pause`: stops reading and writing of a pipeline, an entity or a side until `tandem resume`. */
export function pauseCommand(): Command {
  const command = new Command('pause')
    .description('Pause a pipeline, an entity or a side until it is resumed; list what is paused')
    .argument('<pipeline[/name]>', 'a pipeline, or an entity or side of it: blog, blog/posts, blog/legacy')
    // Not a required option: those of a command are required of its subcommands too.
    .option('--reason <text>', 'why, required; every process and the Web UI show it')
    .addHelpText(
      'after',
      examples(
        'pause blog/posts --reason "maintenance of the posts table"',
        'pause list',
        'resume blog/posts',
      ),
    )
    .option('--json', 'print JSON')
    .action(async (name: string, { reason, json }: { reason?: string; json?: boolean }, self: Command) => {
      if (!reason) self.error("error: required option '--reason <text>' not specified");
      const { pipeline, scope } = await named(name);
      await withTemporal((client) => pause(client, pipeline.name, scope, reason, json));
    });
  command
    .command('list')
    .description('what is paused, why and since when')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => withTemporal((client) => list(client, json)));
  return command;
}

/** The pipeline by its name, configured or in the box, and what of it is meant. Throws `ConfigError`. */
export async function named(name: string): Promise<{ pipeline: CompiledPipeline; scope: PauseScope }> {
  const [wanted = ''] = name.split('/');
  const pipeline = await pipelineNamed(wanted);
  return { pipeline, scope: scopeNamed(pipeline, name) };
}

async function pause(
  client: Client,
  pipeline: string,
  scope: PauseScope,
  text: string,
  json: boolean | undefined,
): Promise<void> {
  const { fuseTrialSeconds } = loadSettings();
  await client.workflow.start(
    workflowTypes.pause,
    pauseStartOptions({
      pipeline,
      scope,
      reason: 'operator',
      text,
      signature: null,
      epoch: null,
      sample: null,
      trialMaxMs: fuseTrialSeconds * 1000,
    }),
  );
  const name = scopeName(pipeline, scope);
  print(json, { name, reason: text }, () => `${name} is paused within seconds; tandem resume ${name}`);
}

async function list(client: Client, json: boolean | undefined): Promise<void> {
  const open = await listPauses(client);
  print(json, open, () => (open.length === 0 ? 'nothing is paused' : open.map(pauseLine).join('\n')));
  if (!json && open.length > 0) inWebUi(listLink(loadSettings(), openPausesQuery));
}

import { Command } from 'commander';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { queueSides } from '../process/config/sides.ts';
import {
  applyConnectors,
  connectorStatus,
  ConnectorsNotRunning,
  isRunning,
  statusText,
} from '../process/connectors.ts';
import type { ConnectorStatus } from '../process/connectors/connect-rest.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { examples } from './examples.ts';

interface Options {
  json?: boolean;
  newEpoch?: string;
}

const act =
  (action: (pipeline: CompiledPipeline, options: Options) => Promise<readonly ConnectorStatus[]>) =>
  async (name: string | undefined, options: Options): Promise<void> => {
    const statuses: ConnectorStatus[] = [];
    const environment = loadEnvironment();
    for (const pipeline of await loadPipelines(
      name === undefined ? loadSettings(environment).pipelines : [name],
    )) {
      for (const side of queueSides(pipeline, environment))
        process.stderr.write(`${pipeline.name}/${side}: its changes come in a queue: no connector\n`);
      try {
        statuses.push(...(await action(pipeline, options)));
      } catch (error) {
        if (!(error instanceof ConnectorsNotRunning)) throw error;
        statuses.push(...error.statuses);
        process.exitCode = 1;
      }
    }
    process.stdout.write(
      options.json
        ? `${JSON.stringify(statuses, null, 2)}\n`
        : statuses.map((each) => `${statusText(each)}\n`).join(''),
    );
  };

async function statusOf(pipeline: CompiledPipeline): Promise<ConnectorStatus[]> {
  const statuses = await connectorStatus({ pipeline });
  if (!statuses.every(isRunning)) throw new ConnectorsNotRunning(statuses);
  return statuses;
}

/** `tandem connectors apply|status [PIPELINE]`: exit code 1 unless every task runs. */
export function connectorsCommand(): Command {
  const command = new Command('connectors')
    .description('Register the Debezium connectors and show their state')
    .addHelpText(
      'after',
      examples('connectors status', 'connectors apply blog', 'connectors apply blog --new-epoch legacy'),
    );
  const add = (name: string, description: string, action: Parameters<typeof act>[0]) =>
    command
      .command(name)
      .description(description)
      .argument('[pipeline]', 'name or module of one pipeline; all that are configured without it')
      .option('--json', 'print the states as JSON')
      .action(act(action));
  add(
    'apply',
    'make the topics, register the connectors of debezium/, wait until their tasks run',
    (pipeline, { newEpoch }) => applyConnectors({ pipeline, newEpoch }),
  ).option(
    '--new-epoch <side>',
    "the side's log began anew (restore, failover): raise the epoch of its connector, once",
  );
  add('status', 'show the states, and why a task failed', statusOf);
  return command;
}

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { examples } from './examples.ts';
import { inPlace } from './in-place.ts';
import { interruptible } from './interrupt.ts';
import { pipelineNamed } from './named-pipeline.ts';
import { look } from './status/look.ts';
import type { StatusReport } from './status/report.ts';
import { openServers } from './status/servers.ts';
import type { Servers } from './status/servers.ts';
import { statusText } from './status/view.ts';

const everyMs = 2000;

/** How long what did not answer may keep the command from ending, milliseconds. */
const lingerMs = 1000;

interface Options {
  json?: boolean;
  watch?: boolean;
}

/** `tandem status`: how far everything is and what needs an operator, with no process of Tandem running. */
export function statusCommand(): Command {
  return new Command('status')
    .description('How far every entity is, what captures and reads each side, and what needs an operator')
    .argument('[pipeline]', 'all that are configured without it')
    .option('--watch', 'on a terminal: show it in place, anew every two seconds, until Ctrl-C')
    .option('--json', 'print it once, as JSON')
    .addHelpText('after', examples('status --watch', 'status blog --json'))
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing needs an operator; 1 something does, or a part is away; 2 a setting is wrong.',
    )
    .action(status);
}

async function status(name: string | undefined, { json, watch }: Options): Promise<void> {
  const environment = loadEnvironment();
  const pipelines =
    name === undefined
      ? await loadPipelines(loadSettings(environment).pipelines)
      : [await pipelineNamed(name)];
  const servers = openServers(pipelines, environment);
  const live = watch === true && json !== true && process.stdout.isTTY;
  const report = live ? await watchLive(servers, pipelines) : await look(servers, pipelines);
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : statusText(report)}\n`);
  process.exitCode = report.ok ? 0 : 1;
  setTimeout(() => process.exit(), lingerMs).unref();
  await servers.close();
}

/** The last report, once an interrupt has ended the showing. */
const watchLive = (servers: Servers, pipelines: readonly CompiledPipeline[]): Promise<StatusReport> =>
  interruptible(async (signal) => {
    const update = inPlace(process.stdout);
    const interrupted = once(signal, 'abort');
    let report = await look(servers, pipelines);
    while (!signal.aborted) {
      update(statusText(report));
      await delay(everyMs, undefined, { signal }).catch(() => {});
      report = (await Promise.race([look(servers, pipelines), interrupted.then(() => null)])) ?? report;
    }
    update.clear();
    return report;
  });

import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Command } from 'commander';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { registeredEpoch } from '../process/connectors.ts';
import { updateNames } from '../temporal/names.ts';
import { scopeName } from '../temporal/pause.ts';
import type { PauseScope, PauseStatus } from '../temporal/pause.ts';
import { listPauses } from '../temporal/pauses.ts';
import type { OpenPause } from '../temporal/pauses.ts';
import { named } from './pause.ts';
import { print } from './print.ts';
import { withTemporal } from './with-temporal.ts';

const answerMs = 30_000;

/** `tandem resume`: ends every pause of exactly this pipeline, entity or side, whoever paused it. */
export function resumeCommand(): Command {
  return new Command('resume')
    .description('Resume what was paused, by an operator or by itself')
    .argument('<pipeline[/name]>', 'a pipeline, or an entity or side of it, as `tandem pause list` shows it')
    .option('--reason <text>', 'why; kept with the pause', 'by command')
    .option('--json', 'print JSON')
    .action(async (name: string, { reason, json }: { reason: string; json?: boolean }) => {
      const { pipeline, scope } = await named(name);
      await withTemporal(async (client) => {
        const open = await pausesOf(client, pipeline.name, scope);
        for (const pause of open) await refuseOldEpoch(pipeline, pause);
        for (const pause of open) await end(client, pause, reason);
        print(json, open, (ended) => ended.map(resumedLine).join('\n'));
      });
    });
}

async function pausesOf(client: Client, pipeline: string, scope: PauseScope): Promise<OpenPause[]> {
  const name = scopeName(pipeline, scope);
  const open = await listPauses(client, pipeline);
  const meant = open.filter((each) => scopeName(each.pipeline, each.scope) === name);
  if (meant.length === 0) {
    const others = open.map((each) => scopeName(each.pipeline, each.scope));
    const hint = others.length === 0 ? '' : `; paused: ${[...new Set(others)].join(', ')}`;
    throw new Error(`${name} is not paused${hint}`);
  }
  return meant;
}

/** A side whose log began anew would be paused for nobody: its records would go on to come under the old epoch. */
async function refuseOldEpoch(
  pipeline: CompiledPipeline,
  { scope, reason, epoch }: OpenPause,
): Promise<void> {
  if (reason !== 'log_restarted' || scope.kind !== 'side') return;
  const registered = await registeredEpoch({ pipeline }, scope.side);
  if (registered !== null && registered > (epoch ?? 0)) return;
  throw new Error(
    `the log of ${scope.side} began anew in epoch ${epoch}, and its connector still gives that: ` +
      `first 'tandem connectors apply ${pipeline.name} --new-epoch ${scope.side}'`,
  );
}

const resumedLine = ({ pipeline, scope, since, reason }: OpenPause) =>
  `${scopeName(pipeline, scope)} goes on: it was paused since ${since} (${reason})`;

async function end(client: Client, { id }: OpenPause, why: string): Promise<void> {
  const handle = client.workflow.getHandle(id);
  try {
    await client.withDeadline(Date.now() + answerMs, () =>
      handle.executeUpdate<PauseStatus, [string]>(updateNames.resume, { args: [why] }),
    );
  } catch (error) {
    // It ended meanwhile, by its trial or by another command.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

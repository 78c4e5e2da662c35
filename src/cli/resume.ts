import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Command } from 'commander';
import { updateNames } from '../temporal/names.ts';
import { scopeName } from '../temporal/pause.ts';
import type { PauseScope, PauseStatus } from '../temporal/pause.ts';
import { listPauses } from '../temporal/pauses.ts';
import type { OpenPause } from '../temporal/pauses.ts';
import { named } from './pause.ts';
import { withTemporal } from './with-temporal.ts';

const answerMs = 30_000;

/** `tandem resume`: ends every pause of exactly this pipeline, entity or side, whoever paused it. */
export function resumeCommand(): Command {
  return new Command('resume')
    .description('Resume what was paused, by an operator or by itself')
    .argument('<pipeline[/name]>', 'a pipeline, or an entity or side of it, as `tandem pause list` shows it')
    .option('--reason <text>', 'why; kept with the pause', 'by command')
    .action(async (name: string, { reason }: { reason: string }) => {
      const { pipeline, scope } = await named(name);
      await withTemporal((client) => resume(client, pipeline, scope, reason));
    });
}

async function resume(client: Client, pipeline: string, scope: PauseScope, why: string): Promise<void> {
  const name = scopeName(pipeline, scope);
  const open = await listPauses(client, pipeline);
  const meant = open.filter((each) => scopeName(each.pipeline, each.scope) === name);
  if (meant.length === 0) {
    const others = open.map((each) => scopeName(each.pipeline, each.scope));
    const hint = others.length === 0 ? '' : `; paused: ${[...new Set(others)].join(', ')}`;
    throw new Error(`${name} is not paused${hint}`);
  }
  for (const each of meant) {
    await end(client, each, why);
    process.stdout.write(`${name} goes on: it was paused since ${each.since} (${each.reason})\n`);
  }
}

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

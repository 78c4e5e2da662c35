import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Command } from 'commander';
import { loadSettings } from '../process/config/settings.ts';
import { deadLetterId } from '../temporal/names.ts';
import { eventIdOf } from './dead-letters.ts';
import { askLedgers } from './ledgers.ts';
import { workflowLink } from './links.ts';
import { traceText } from './trace-view.ts';
import type { EventTrace, TracedWorkflow } from './trace-view.ts';
import { withTemporal } from './with-temporal.ts';

/** `tandem trace --event ID`: what became of one event, whichever lane brought it. */
export function traceCommand(): Command {
  return new Command('trace')
    .description('What became of one event: its workflow, its dead letter, and what the ledgers know of it')
    .requiredOption('--event <id>', 'the event’s id, as workflow, log line or dead letter name it', eventIdOf)
    .option('--json', 'print JSON')
    .action(({ event, json }: { event: string; json?: boolean }) =>
      withTemporal(async (client) => {
        const trace = await traceOf(client, event);
        process.stdout.write(`${json ? JSON.stringify(trace, null, 2) : traceText(trace)}\n`);
        if (isUnknown(trace)) throw new Error(`nobody knows an event ${event}, or not any more`);
      }),
    );
}

async function traceOf(client: Client, eventId: string): Promise<EventTrace> {
  const ledgers = await askLedgers({}, async (database, { side }) => ({
    side,
    ...(await database.traceEvent(eventId)),
  }));
  const known = ledgers.filter(
    ({ processed, waiting, conflicts }) => processed ?? waiting ?? (conflicts.length > 0 || null),
  );
  const workflow = await workflowOf(client, eventId);
  return {
    event_id: eventId,
    lane: workflow ? 'event' : await batchOf(client, known[0]?.processed?.at),
    workflow,
    dead_letter: await workflowOf(client, deadLetterId(eventId)),
    ledgers: known.map(({ side, processed, waiting, conflicts }) => ({
      side,
      pipeline: processed?.pipeline ?? waiting?.pipeline ?? conflicts[0]!.pipeline,
      entity: processed?.entity ?? waiting?.entity ?? conflicts[0]!.entity,
      outcome: processed?.outcome ?? null,
      at: processed?.at ?? null,
      target_key: processed?.targetKey ?? null,
      waits_for: waiting ? { ...waiting.awaited, since: waiting.since } : null,
      conflicts: conflicts.map(({ id, pipeline, type, verdict }) => ({
        id: `${pipeline}/${side}/${id}`,
        type,
        verdict,
      })),
    })),
  };
}

const isUnknown = ({ workflow, dead_letter: dead, ledgers }: EventTrace) =>
  workflow === null && dead === null && ledgers.length === 0;

async function workflowOf(client: Client, workflowId: string): Promise<TracedWorkflow | null> {
  try {
    const { status, startTime, closeTime } = await client.workflow.getHandle(workflowId).describe();
    return {
      status: status.name.toLowerCase(),
      started_at: startTime.toISOString(),
      closed_at: closeTime?.toISOString() ?? null,
      link: workflowLink(loadSettings(), workflowId),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** An event without a workflow of its own came in a batch, unless Temporal may have forgotten its workflow since. */
async function batchOf(client: Client, at: string | undefined): Promise<'batch' | null> {
  if (at === undefined) return null;
  const { namespace } = client.options;
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const kept = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000;
  return Date.parse(at) > Date.now() - kept ? 'batch' : null;
}

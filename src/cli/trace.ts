import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Command } from 'commander';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { workflowLink } from '../process/web-ui.ts';
import { deadLetterId } from '../temporal/names.ts';
import { eventIdOf } from './dead-letters.ts';
import { examples } from './examples.ts';
import { instantOf } from './instant.ts';
import { keptSince } from './kept-since.ts';
import { askLedgers } from './ledgers.ts';
import { rowNamed } from './named-row.ts';
import { pipelineNamed } from './named-pipeline.ts';
import { print } from './print.ts';
import { rowTraceText } from './row-trace-view.ts';
import { isUnknownRow, traceOfRow } from './trace-row.ts';
import { traceText } from './trace-view.ts';
import type { EventTrace, TracedWorkflow } from './trace-view.ts';
import { withTemporal } from './with-temporal.ts';

interface Options {
  event?: string;
  pipeline?: string;
  since?: string;
  rows?: boolean;
  json?: boolean;
}

/** `tandem trace`: what became of one row, or of one event, whichever lane brought it. */
export function traceCommand(): Command {
  return new Command('trace')
    .description('What became of one row, on both sides and in order of time; or of one event')
    .argument('[entity]', 'of the row')
    .argument('[side:key]', 'the row by its key on either side; a key of several columns as a JSON array')
    .option('--event <id>', 'the event’s id, as workflow, log line or dead letter name it', eventIdOf)
    .option('--pipeline <name>', 'of the row, where several have the entity')
    .option(
      '--since <when>',
      'outcomes since an ISO 8601 instant, or so long ago: 90s, 30m, 12h, 7d',
      instantOf,
    )
    .option('--rows', 'with both rows as they are now; prints row values')
    .addHelpText(
      'after',
      examples(
        'trace users legacy:42',
        'trace users revamp:17 --since 2h --rows',
        'trace --event EVENT_ID --json',
      ),
    )
    .option('--json', 'print JSON')
    .action((entity: string | undefined, row: string | undefined, options: Options, self: Command) => {
      const { event, pipeline, since, rows, json } = options;
      const ofRow = [pipeline, since, rows].some((each) => each !== undefined);
      if (event !== undefined && entity === undefined && !ofRow)
        return withTemporal((client) => traceEvent(client, event, json));
      if (event !== undefined || entity === undefined || row === undefined)
        return self.error('error: name a row as ENTITY SIDE:KEY, or an event by --event alone');
      return traceRow(entity, row, options);
    });
}

async function traceEvent(client: Client, event: string, json: boolean | undefined): Promise<void> {
  const trace = await traceOf(client, event);
  print(json, trace, traceText);
  if (isUnknown(trace)) throw new Error(`nobody knows an event ${event}, or not any more`);
}

async function traceRow(entity: string, row: string, options: Options): Promise<void> {
  const { pipeline, since = null, rows = false, json } = options;
  const among =
    pipeline === undefined ? await loadPipelines(loadSettings().pipelines) : [await pipelineNamed(pipeline)];
  const named = rowNamed(among, entity, row);
  await withTemporal(async (client) => {
    const trace = await traceOfRow(client, named, { since, rows });
    print(json, trace, rowTraceText);
    if (isUnknownRow(trace))
      throw new Error(`nobody knows such a row of ${entity} on ${named.row.side}, or not any more`);
  });
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
const batchOf = async (client: Client, at: string | undefined): Promise<'batch' | null> =>
  at !== undefined && Date.parse(at) > (await keptSince(client)) ? 'batch' : null;

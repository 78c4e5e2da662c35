import { WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowExecutionDescription, WorkflowExecutionInfo } from '@temporalio/client';
import { isErrorClass } from '../errors/error-class.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { BatchInput } from '../temporal/batch.ts';
import type { Failure } from '../temporal/failures.ts';
import type { SyncInput } from '../temporal/messages.ts';
import type { HousekeepingActivities } from '../temporal/housekeeping.ts';
import { deadLetterId, workflowTypes } from '../temporal/names.ts';
import { unpackEvents } from '../temporal/packed-events.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';
import { ledgerOutcome } from './ledger-outcome.ts';
import { raiseDeadLetterActivity } from './raise-dead-letter.ts';
import { readWorkflowInput } from './read-workflow-input.ts';
import { applyDepsOf, routeOf } from './route-of.ts';
import { startSubjects } from './start-subjects.ts';

/** How a `syncChange` can end without completing, and in which words that is told. */
const ends: Readonly<Record<string, string>> = {
  FAILED: 'failed',
  TERMINATED: 'was terminated',
  TIMED_OUT: 'timed out',
  CANCELLED: 'was cancelled',
};

/**
 * Opens a dead letter for every event whose `syncChange` ended otherwise than by completing since `from` and has none:
 * terminated by hand, ended by a timeout somebody set, failed and its dead letter lost. An event whose outcome the
 * target's ledger knows gets none, unless its effects may have been cut off. Doing it again changes nothing.
 */
export function openVanishedActivity(deps: ActivityDeps): HousekeepingActivities['openVanished'] {
  return async ({ pipeline, from }) => {
    const query = (type: string) =>
      [
        `WorkflowType = '${type}'`,
        `TandemPipeline = '${pipeline}'`,
        `ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')`,
        ...(from === null ? [] : [`CloseTime >= '${from}'`]),
      ].join(' AND ');
    const counts = { looked: 0, opened: 0, unreadable: 0 };
    const look = async (type: string, openOf: typeof openOne) => {
      for await (const run of deps.client.workflow.list({ query: query(type) })) {
        counts.looked++;
        const came = await openOf(deps, run);
        if (came !== 'settled') counts[came]++;
      }
    };
    await look(workflowTypes.syncBatch, startEventsOf);
    await look(workflowTypes.syncChange, openOne);
    return counts;
  };
}

/** Its events go on each by itself; what the batch had applied the ledger knows. */
async function startEventsOf(
  deps: ActivityDeps,
  run: WorkflowExecutionInfo,
): Promise<'settled' | 'unreadable'> {
  const latest = await describe(deps, run.workflowId);
  if (latest !== null && latest.runId !== run.runId) return 'settled';
  const input = (await readWorkflowInput(deps.client, run)) as BatchInput | null;
  if (input === null) return 'unreadable';
  const events = await unpackEvents(input.events);
  const { entity_type: entity, source } = events[0]!;
  const known = await applyDepsOf(deps, entity, source).target.bulk.read((reader) =>
    reader.findProcessed(events.map(({ event_id: id }) => id)),
  );
  const left = events.filter((_, index) => known[index] === null);
  await startSubjects(
    deps,
    left.map((event) => ({ kind: 'event', event })),
    input.limits,
  );
  return 'settled';
}

async function openOne(
  deps: ActivityDeps,
  run: WorkflowExecutionInfo,
): Promise<'settled' | 'opened' | 'unreadable'> {
  const latest = await describe(deps, run.workflowId);
  if (latest !== null && latest.runId !== run.runId) return 'settled';
  const dead = await describe(deps, deadLetterId(run.workflowId));
  if (isHeld(run, dead)) return 'settled';
  const input = (await readWorkflowInput(deps.client, run)) as SyncInput | null;
  if (input === null) return 'unreadable';
  const known = await raiseDeadLetterActivity(deps)({
    pipeline: deps.pipeline.name,
    subject: input.subject,
    limits: input.limits,
    failure: failureOf(run),
    applied: await effectsMayBeMissing(deps, input),
  });
  return known !== null || dead?.status.name === 'RUNNING' ? 'settled' : 'opened';
}

/** Whether the dead letter is of this run, or a later one. One that is open and whose retry vanished is told so again. */
function isHeld(run: WorkflowExecutionInfo, dead: WorkflowExecutionDescription | null): boolean {
  if (dead?.status.name === 'RUNNING') return run.status.name === 'FAILED';
  return dead?.status.name === 'COMPLETED' && (dead.closeTime ?? dead.startTime) >= run.startTime;
}

/** Null where Temporal does not know it any more. */
async function describe(
  { client }: ActivityDeps,
  workflowId: string,
): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

function failureOf({ status, searchAttributes, closeTime }: WorkflowExecutionInfo): Failure {
  const [inTrouble] = searchAttributes['TandemErrorClass'] ?? [];
  const errorClass = typeof inTrouble === 'string' && isErrorClass(inTrouble) ? inTrouble : 'bug';
  const end = ends[status.name] ?? 'ended';
  return {
    errorClass,
    message: `the workflow ${end} and left no dead letter`,
    stack: '',
    signature: `${errorClass}/${status.name.toLowerCase()}`,
    retryCount: 0,
    // Of the run, so that telling it again is known as the same failure.
    failedAt: (closeTime ?? new Date()).toISOString(),
  };
}

/** The row was applied, and nobody can tell whether what follows it was done. */
async function effectsMayBeMissing(deps: ActivityDeps, { subject }: SyncInput): Promise<boolean> {
  const { entity, eventId } = subjectFacts(subject);
  if (deps.pipeline.effects(entity ?? '').length === 0) return false;
  try {
    const known = await ledgerOutcome(routeOf(deps, subject).target, eventId);
    return known?.outcome === 'applied' || known?.outcome === 'conflict_applied';
  } catch (error) {
    if (error instanceof SyncError) return false;
    throw error;
  }
}

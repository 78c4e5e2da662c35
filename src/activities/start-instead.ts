import { isDeepStrictEqual } from 'node:util';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { ApplyResult } from '../change/outcome.ts';
import type { RetryLimits } from '../errors/policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { RetryResult, SyncInput, SyncSubject } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { syncStartOptions } from '../temporal/start-sync.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';
import { ledgerOutcome } from './ledger-outcome.ts';
import { readWorkflowInput } from './read-workflow-input.ts';
import { routeOf } from './route-of.ts';

/**
 * Starts `syncChange` of the subject under the id of the event it stands for; a run of it that an earlier try started is
 * joined. Returns null where the target has the event already, and throws `data` where it is being applied; nothing is started
 * then, since joining that would pass it off as the subject.
 */
export async function startInstead(
  deps: ActivityDeps,
  subject: SyncSubject,
  limits: RetryLimits,
): Promise<RetryResult | null> {
  const { route, target } = routeOf(deps, subject);
  const { eventId } = subjectFacts(subject);
  const latest = await latestRun(deps, eventId);
  const own = latest !== null && standsForIt(latest.subject, subject);
  if (latest?.status === 'RUNNING') {
    if (own) return { finished: false };
    throw new SyncError('data', 'the event is being applied as it was: wait for its end, then look again');
  }
  if (own && latest.status === 'COMPLETED') {
    const result = (await deps.client.workflow.getHandle(eventId, latest.runId).result()) as ApplyResult;
    return { finished: true, outcome: result.outcome };
  }
  if (!own && (await ledgerOutcome(target, eventId)) !== null) return null;
  const input: SyncInput = { pipeline: deps.pipeline.name, subject, limits, retried: true };
  try {
    await deps.client.workflow.start(workflowTypes.syncChange, {
      ...syncStartOptions(input, route.target.side),
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      // One that completed although the ledger has no outcome of it was of a target that lost it.
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new SyncError('contention', 'a run of the event was started at the same time', { cause: error });
  }
  return { finished: false };
}

async function latestRun({ client }: ActivityDeps, eventId: string) {
  try {
    const { runId, status } = await client.workflow.getHandle(eventId).describe();
    const input = (await readWorkflowInput(client, { workflowId: eventId, runId })) as SyncInput | null;
    return { runId, status: status.name, subject: input?.subject ?? null };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Two hints of one row are the same, whenever they were given. */
function standsForIt(held: SyncSubject | null, subject: SyncSubject): boolean {
  if (held?.kind === 'hint') return subject.kind === 'hint';
  return held?.kind === 'event' && held.edited === true && isDeepStrictEqual(held, subject);
}

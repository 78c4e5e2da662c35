import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { RetryLimits } from '../errors/policy.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { DeadLetterActivities, RetryResult, SyncSubject } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { syncStartOptions } from '../temporal/start-sync.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';
import { routeOf } from './route-of.ts';

/**
 * A record that can be parsed by now goes on as events under their own ids, each with its own dead letter should it
 * fail: once Temporal holds them all, the record's dead letter has nothing left to wait for.
 */
export function retryDeadLetterActivity(deps: ActivityDeps): DeadLetterActivities['retryDeadLetter'] {
  return async ({ subject, limits }) => {
    if (subject.kind !== 'record') return start(deps, subject, limits, true);
    const subjects = await deps.records.parseRecord(subject);
    for (const each of subjects) await start(deps, each, limits, false);
    return { finished: true, outcome: null };
  };
}

async function start(
  deps: ActivityDeps,
  subject: SyncSubject,
  limits: RetryLimits,
  retried: boolean,
): Promise<RetryResult> {
  const input = { pipeline: deps.pipeline.name, subject, limits, retried };
  const target = routeOf(deps, subject).route.target.side;
  try {
    await deps.client.workflow.start(workflowTypes.syncChange, syncStartOptions(input, target));
    return { finished: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { eventId } = subjectFacts(subject);
    const result = (await deps.client.workflow.getHandle(eventId).result()) as ApplyResult;
    return { finished: true, outcome: result.outcome };
  }
}

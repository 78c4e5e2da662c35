import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Row } from '../change/value.ts';
import type { RetryLimits } from '../errors/policy.ts';
import type { ApplyResult } from '../change/outcome.ts';
import { SyncError } from '../errors/sync-error.ts';
import { editedEvent } from '../pipeline/edited-event.ts';
import { refuseRereadOf } from '../temporal/dead-letter-decisions.ts';
import type { DeadLetterActivities, RetryResult, SyncSubject } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { syncStartOptions } from '../temporal/start-sync.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';
import { eventOf, routeOf } from './route-of.ts';
import { startInstead } from './start-instead.ts';

/**
 * A record that can be parsed by now goes on as events under their own ids, each with its own dead letter should it
 * fail: once Temporal holds them all, the record's dead letter has nothing left to wait for.
 */
export function retryDeadLetterActivity(deps: ActivityDeps): DeadLetterActivities['retryDeadLetter'] {
  return async ({ subject, limits, corrected, again = false, reread = false }) => {
    if (subject.kind !== 'record') {
      const instead =
        subject.kind === 'event' && corrected
          ? edited(deps, subject, corrected)
          : reread && (await rowOf(deps, subject));
      const started = instead && (await startInstead(deps, instead, limits));
      if (started === null && !again) throw appliedAlready();
      return started || start(deps, subject, limits, true);
    }
    const subjects = await deps.records.parseRecord(subject);
    for (const each of subjects) await start(deps, each, limits, false);
    return { finished: true, outcome: null };
  };
}

const appliedAlready = () =>
  new SyncError(
    'data',
    'the target has the event already: a plain retry does what is left of it, and another change of the row is one for its app',
  );

const edited = (
  deps: ActivityDeps,
  subject: Extract<SyncSubject, { kind: 'event' }>,
  corrected: Row,
): SyncSubject => ({
  ...subject,
  event: editedEvent(routeOf(deps, subject).route, subject.event, corrected),
  edited: true,
});

/** Its row, to be read under the event's own id. */
async function rowOf(deps: ActivityDeps, subject: SyncSubject): Promise<SyncSubject> {
  if (subject.kind === 'hint') return subject;
  const event = await eventOf(deps, subject);
  refuseRereadOf(event);
  return {
    kind: 'hint',
    eventId: event.event_id,
    entity: event.entity_type,
    side: event.source,
    key: event.primary_key,
    timestamp: new Date().toISOString(),
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

import type { Failure } from '../temporal/failures.ts';
import type { DeadLetterActivities, DeadSubject } from '../temporal/messages.ts';
import { sealed } from '../temporal/sealed.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';

/** Keyed by event id, so that the failures of one event stay in order. The event is encrypted where Temporal's payloads are. */
export function publishDeadLetterActivity(deps: ActivityDeps): DeadLetterActivities['publishDeadLetter'] {
  return async (input) => {
    const message = deadLetterMessage(input);
    const original_event = await sealed(deps.client.options.loadedDataConverter, message.original_event);
    await deps.deadLetterTopic.send({
      key: subjectFacts(input.subject).eventId,
      value: JSON.stringify({ ...message, original_event }),
    });
  };
}

/** The seeds' shape. What stands for the event where there is none to show is the subject itself. */
export function deadLetterMessage({ subject, failure }: { subject: DeadSubject; failure: Failure }) {
  return {
    original_event: subject.kind === 'event' ? subject.event : subject,
    error_message: failure.message,
    stack_trace: failure.stack,
    retry_count: failure.retryCount,
    failed_at: failure.failedAt,
  };
}

import { activityInfo, heartbeat } from '@temporalio/activity';
import { toFailure } from './failure.ts';
import type { Activities, DeadSubject } from '../temporal/messages.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';
import { discardEventActivity } from './discard-event.ts';
import { publishDeadLetterActivity } from './publish-dead-letter.ts';
import { raiseDeadLetterActivity } from './raise-dead-letter.ts';
import { resolveIdentityActivity } from './resolve-identity.ts';
import { retryDeadLetterActivity } from './retry-dead-letter.ts';
import { runEffectsActivity } from './run-effects.ts';
import { transformChangeActivity } from './transform-change.ts';
import { upsertRowActivity } from './upsert-row.ts';

/** The activities of one pipeline. Each fails only with an `ApplicationFailure` whose type is its error class. */
export function createActivities(deps: ActivityDeps): Activities {
  const { observer } = deps;
  return {
    transformChange: classified('transformChange', transformChangeActivity(deps), observer),
    resolveIdentity: classified('resolveIdentity', resolveIdentityActivity(deps), observer),
    upsertRow: classified('upsertRow', upsertRowActivity(deps), observer),
    runEffects: classified('runEffects', runEffectsActivity(deps), observer),
    raiseDeadLetter: classified('raiseDeadLetter', raiseDeadLetterActivity(deps), observer),
    publishDeadLetter: classified('publishDeadLetter', publishDeadLetterActivity(deps), observer),
    retryDeadLetter: classified('retryDeadLetter', retryDeadLetterActivity(deps), observer),
    discardEvent: classified('discardEvent', discardEventActivity(deps), observer),
  };
}

function classified<I extends { subject: DeadSubject }, R>(
  verb: keyof Activities,
  run: (input: I) => Promise<R>,
  observer: ActivityDeps['observer'],
): (input: I) => Promise<R> {
  return async (input) => {
    const { attempt, isLocal } = activityInfo();
    // A timeout carries the last heartbeat: the only way to tell how many tries came before it.
    if (!isLocal) heartbeat({ attempt });
    try {
      return await run(input);
    } catch (error) {
      const { eventId, entity, source: side } = subjectFacts(input.subject);
      const { failure, errorClass, detail } = toFailure(error, { verb, entity, attempt });
      const { message } = failure;
      observer.failed({
        verb,
        eventId,
        entity,
        side,
        errorClass,
        message,
        attempt,
        signature: detail.signature,
      });
      throw failure;
    }
  };
}

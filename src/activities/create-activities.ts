import { activityInfo, heartbeat } from '@temporalio/activity';
import { toFailure } from './failure.ts';
import { syncSteps } from '../temporal/messages.ts';
import type { Activities, DeadSubject, SyncStep } from '../temporal/messages.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps, FailedTry, SyncObserver } from './deps.ts';
import { announcePauseActivity } from './announce-pause.ts';
import { applyBatchActivity } from './apply-batch.ts';
import { applyChangeActivity } from './apply-change.ts';
import { awaitResumeActivity } from './await-resume.ts';
import { copyPageActivity } from './copy-page.ts';
import { decideConflictActivity } from './decide-conflict.ts';
import { discardEventActivity } from './discard-event.ts';
import { lookAtDeadRowActivity } from './look-at-dead-row.ts';
import { lookAtWaitActivity } from './look-at-wait.ts';
import { openVanishedActivity } from './open-vanished.ts';
import { countBackfillActivity, planPagesActivity } from './plan-pages.ts';
import { pollSideActivity } from './poll-side.ts';
import { publishDeadLetterActivity, publishResolutionActivity } from './publish-dead-letter.ts';
import { purgeLedgersActivity } from './purge-ledgers.ts';
import { raiseDeadLetterActivity } from './raise-dead-letter.ts';
import { resolveIdentityActivity } from './resolve-identity.ts';
import { retryDeadLetterActivity } from './retry-dead-letter.ts';
import { runEffectsActivity } from './run-effects.ts';
import { runJobPageActivity } from './run-job-page.ts';
import { startEventsActivity } from './start-events.ts';
import { raiseAlert, tellAlertActivity } from './tell-alert.ts';
import { transformChangeActivity } from './transform-change.ts';
import { pauseForSchema } from './hold.ts';
import { tryPausedActivity } from './try-paused.ts';
import { upsertRowActivity } from './upsert-row.ts';
import { compareRowsActivity, countVerifiedActivity } from './verify/compare-rows.ts';
import { recheckRowsActivity } from './verify/recheck-rows.ts';
import { repairRowsActivity } from './verify/repair-rows.ts';

/** The activities of one pipeline. Each fails only with an `ApplicationFailure` whose type is its error class. */
export function createActivities(deps: ActivityDeps): Activities {
  const { observer } = deps;
  const failedTry = (subject: DeadSubject, failed: FailedTry) => {
    observer.failed(failed);
    if (failed.errorClass !== 'schema' || !isSyncVerb(failed.verb)) return;
    const { attempt, signature, message: text } = failed;
    return pauseForSchema(deps, subject, attempt, { signature, text });
  };
  const step = <I extends { subject: DeadSubject }, R>(verb: SyncStep, run: (input: I) => Promise<R>) =>
    observed(observer, verb, classified(verb, run, failedTry));
  const verbs = {
    transformChange: step('transformChange', transformChangeActivity(deps)),
    resolveIdentity: step('resolveIdentity', resolveIdentityActivity(deps)),
    upsertRow: step('upsertRow', upsertRowActivity(deps)),
  };
  return beating({
    ...verbs,
    applyChange: applyChangeActivity(verbs),
    runEffects: step('runEffects', runEffectsActivity(deps)),
    lookAtWait: classified('lookAtWait', lookAtWaitActivity(deps), failedTry),
    raiseDeadLetter: classified('raiseDeadLetter', raiseDeadLetterActivity(deps), failedTry),
    publishDeadLetter: classified('publishDeadLetter', publishDeadLetterActivity(deps), failedTry),
    publishResolution: ofPipeline('publishResolution', publishResolutionActivity(deps)),
    lookAtDeadRow: ofPipeline('lookAtDeadRow', lookAtDeadRowActivity(deps)),
    retryDeadLetter: classified('retryDeadLetter', retryDeadLetterActivity(deps), failedTry),
    discardEvent: classified('discardEvent', discardEventActivity(deps), failedTry),
    decideConflict: classified('decideConflict', decideConflictActivity(deps), failedTry),
    tryPaused: classified('tryPaused', tryPausedActivity(deps), failedTry),
    awaitResume: awaitResumeActivity(deps),
    announcePause: ofPipeline('announcePause', announcePauseActivity(deps)),
    raiseAlert: ofPipeline('raiseAlert', ({ alert }) => raiseAlert(deps, alert)),
    tellAlert: ofPipeline('tellAlert', tellAlertActivity(deps)),
    applyBatch: ofPipeline('applyBatch', applyBatchActivity(deps)),
    startEvents: ofPipeline('startEvents', startEventsActivity(deps)),
    countBackfill: ofPipeline('countBackfill', countBackfillActivity(deps)),
    planPages: ofPipeline('planPages', planPagesActivity(deps)),
    copyPage: ofPipeline('copyPage', copyPageActivity(deps)),
    tellVerified: ofPipeline('tellVerified', async ({ report }) => observer.verified(report)),
    countVerified: ofPipeline('countVerified', countVerifiedActivity(deps)),
    compareRows: ofPipeline('compareRows', compareRowsActivity(deps)),
    recheckRows: ofPipeline('recheckRows', recheckRowsActivity(deps)),
    repairRows: ofPipeline('repairRows', repairRowsActivity(deps)),
    pollSide: ofPipeline('pollSide', pollSideActivity(deps)),
    runJobPage: ofPipeline('runJobPage', runJobPageActivity(deps)),
    openVanished: ofPipeline('openVanished', openVanishedActivity(deps)),
    purgeLedgers: ofPipeline('purgeLedgers', purgeLedgersActivity(deps)),
  });
}

/** Each beats where it has a heartbeat timeout. A timeout carries the last beat: the only way to tell how many tries came before it. */
function beating(activities: Activities): Activities {
  const beats =
    (run: (input: never) => unknown) =>
    async (input: never): Promise<unknown> => {
      const { attempt, heartbeatTimeoutMs } = activityInfo();
      if (!heartbeatTimeoutMs) return run(input);
      heartbeat({ attempt });
      const timer = setInterval(() => heartbeat({ attempt }), heartbeatTimeoutMs / 3);
      try {
        return await run(input);
      } finally {
        clearInterval(timer);
      }
    };
  return Object.fromEntries(
    Object.entries(activities).map(([verb, run]) => [verb, beats(run)]),
  ) as unknown as Activities;
}

const observed =
  <I extends { subject: DeadSubject }, R>(
    observer: SyncObserver,
    step: SyncStep,
    run: (input: I) => Promise<R>,
  ): ((input: I) => Promise<R>) =>
  (input) => {
    const { eventId, entity, operation, source: side } = subjectFacts(input.subject);
    return observer.during({ step, eventId, entity, operation, side }, () => run(input));
  };

/** Of an event under way, as against a decision on it or a trial. */
const isSyncVerb = (verb: keyof Activities) => syncSteps.some((step) => step === verb);

function classified<I extends { subject: DeadSubject }, R>(
  verb: keyof Activities,
  run: (input: I) => Promise<R>,
  failedTry: (subject: DeadSubject, failed: FailedTry) => Promise<void> | void,
): (input: I) => Promise<R> {
  return async (input) => {
    const { attempt } = activityInfo();
    try {
      return await run(input);
    } catch (error) {
      const { eventId, entity, source: side } = subjectFacts(input.subject);
      const { failure, errorClass, detail } = toFailure(error, { verb, entity, attempt });
      const { message } = failure;
      await failedTry(input.subject, {
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

/** Of an activity that is about no single event; its run shows the failure. */
function ofPipeline<I, R>(verb: keyof Activities, run: (input: I) => Promise<R>): (input: I) => Promise<R> {
  return async (input) => {
    const { attempt } = activityInfo();
    try {
      return await run(input);
    } catch (error) {
      throw toFailure(error, { verb, entity: null, attempt }).failure;
    }
  };
}

import type { ErrorClass } from '../errors/error-class.ts';
import type { PauseActivities } from '../temporal/pause.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';
import { toFailure } from './failure.ts';
import { runEffectsActivity } from './run-effects.ts';
import { upsertRowActivity } from './upsert-row.ts';

/** An outage, or a lock, shows nothing of the cause. */
const inconclusive: ReadonlySet<ErrorClass> = new Set(['unavailable', 'contention']);

export function tryPausedActivity(deps: ActivityDeps): PauseActivities['tryPaused'] {
  const upsertRow = upsertRowActivity(deps);
  const runEffects = runEffectsActivity(deps);
  return async ({ pipeline, subject, signature }) => {
    try {
      const result = await upsertRow({ pipeline, subject, transformed: null, identity: null });
      if (result.effects) await runEffects({ pipeline, subject, result });
      return `the event of the trial came to ${result.outcome}`;
    } catch (error) {
      const { entity } = subjectFacts(subject);
      const { detail, errorClass } = toFailure(error, { verb: 'tryPaused', entity, attempt: 1 });
      if (inconclusive.has(errorClass) || detail.signature === signature) throw error;
      return `the event of the trial fails otherwise now: ${detail.signature}`;
    }
  };
}

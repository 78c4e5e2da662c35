import { standingConflict, takeSource } from '../apply/row-conflict.ts';
import type { ApplyDeps } from '../apply/resolve-identity.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { RowConflict } from '../temporal/row-conflict.ts';
import { workflowTypes } from '../temporal/names.ts';
import { conflictFailure, conflictStartOptions } from '../temporal/start-conflict.ts';
import type { ActivityDeps } from './deps.ts';
import { applyDepsOf } from './route-of.ts';

/** Characters of both rows at which a dead letter holds only their keys and clocks. */
const mostCharacters = 500_000;

/**
 * Under policy `manual`: raises the dead letter of a row pair that an event left in conflict. Where both sides came to
 * the same, the first side's version is taken for both, and nobody is asked. By the stored outcome, so that a crash
 * after the commit does not lose it; doing it again changes nothing.
 */
export async function raiseConflict(
  deps: ActivityDeps,
  of: ApplyDeps,
  { primary_key: sourceKey }: ChangeEvent,
  { outcome, target_key: targetKey }: ApplyResult,
): Promise<void> {
  const left = outcome === 'conflict_kept' || outcome === 'stale';
  if (of.route.policy !== 'manual' || !left || targetKey === null) return;
  const standing = await standingConflict(of, { sourceKey, targetKey });
  if (!standing) return;
  const subject = fitting(standing.subject);
  if (standing.agreed) {
    await takeSource(applyDepsOf(deps, of.route.entity, of.route.fixedSide), subject);
    return;
  }
  const failure = conflictFailure(subject);
  const input = { pipeline: deps.pipeline.name, subject, failure };
  await deps.client.workflow.signalWithStart(workflowTypes.deadLetter, conflictStartOptions(input));
  deps.observer.deadLetterRaised(subject.eventId, subject.entity, of.route.source.side, failure.errorClass);
}

export function fitting(subject: RowConflict): RowConflict {
  if (JSON.stringify(subject.versions).length <= mostCharacters) return subject;
  const [first, second] = subject.versions.map(({ side, key, clock }) => ({ side, key, clock }));
  return { ...subject, versions: [first!, second!] };
}

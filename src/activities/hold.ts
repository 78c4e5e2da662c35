import type { ChangeEvent } from '../change/event.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { DeadLetterInput, DeadSubject, SyncSubject } from '../temporal/messages.ts';
import { pauseId } from '../temporal/pause.ts';
import type { PauseInput, PauseScope } from '../temporal/pause.ts';
import { covers } from '../temporal/pauses.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';

/** Classes whose events become dead letters by their own error; a deadline that passed says nothing of the others. */
const fused: ReadonlySet<ErrorClass> = new Set(['constraint', 'data', 'bug']);

type Cause = Pick<PauseInput, 'text'> & { signature: string };

const causeOf = (
  { pipeline, trialMaxMs }: ActivityDeps,
  reason: 'fuse' | 'schema',
  sample: SyncSubject,
  { text, signature }: Cause,
): PauseInput => ({
  pipeline: pipeline.name,
  scope: { kind: 'entity', entity: subjectFacts(sample).entity ?? '' },
  reason,
  text,
  signature,
  epoch: null,
  sample,
  trialMaxMs,
});

/**
 * The pause because of which an event is kept open instead of becoming a dead letter; null: it is to become one. An event
 * that trips the fuse is the one the trials are made with, so it is held itself.
 */
export async function pauseHolding(
  deps: ActivityDeps,
  { subject, failure }: DeadLetterInput,
): Promise<string | null> {
  const { entity, eventId } = subjectFacts(subject);
  if (subject.kind === 'record' || entity === null || !fused.has(failure.errorClass)) return null;
  const { message: text, signature } = failure;
  const cause = causeOf(deps, 'fuse', subject, { text, signature });
  if (await deps.pauses.holds(cause)) return pauseId(cause);
  if (!deps.fuse.failed(entity, { eventId, signature })) return null;
  await deps.pauses.start(cause);
  return pauseId(cause);
}

/**
 * Pauses an entity because of an event's first `schema` failure: a later one of the same event must not undo an operator's
 * decision to go on. Where Temporal does not take it, the next event does it.
 */
export async function pauseForSchema(
  deps: ActivityDeps,
  subject: DeadSubject,
  attempt: number,
  cause: Cause,
): Promise<void> {
  if (attempt > 1 || subject.kind === 'record' || subject.kind === 'conflict') return;
  const input = causeOf(deps, 'schema', subject, cause);
  if (deps.pauses.open.some(({ id }) => id === pauseId(input))) return;
  await deps.pauses.start(input).catch(() => {});
}

/**
 * Pauses the side whose log began anew, unless that restart was dealt with. Throws where Temporal does not take it: the
 * event is settled only once somebody is told.
 */
export async function pauseForRestart(deps: ActivityDeps, event: ChangeEvent): Promise<void> {
  const input: PauseInput = {
    pipeline: deps.pipeline.name,
    scope: { kind: 'side', side: event.source },
    reason: 'log_restarted',
    text: `a change of ${event.entity_type} has an older position and a newer commit time than what was applied of its row`,
    signature: null,
    epoch: event.position.epoch,
    sample: null,
    trialMaxMs: deps.trialMaxMs,
  };
  if (!deps.pauses.open.some(({ id }) => id === pauseId(input))) await deps.pauses.start(input);
}

/** Throws `unavailable` while an operator has paused what the event belongs to: it stays open and goes on by itself. */
export function refusePaused(deps: ActivityDeps, subject: SyncSubject): void {
  const { entity, source } = subjectFacts(subject);
  refuseWhere(deps, (scope) => covers(scope, entity ?? '', source));
}

/** Throws `unavailable` while an operator has paused the whole pipeline. */
export const refusePausedPipeline = (deps: ActivityDeps): void =>
  refuseWhere(deps, ({ kind }) => kind === 'pipeline');

function refuseWhere({ pauses }: ActivityDeps, stops: (scope: PauseScope) => boolean): void {
  const pause = pauses.open.find(({ reason, scope }) => reason === 'operator' && stops(scope));
  if (pause) throw new SyncError('unavailable', `paused by an operator: ${pause.text}`, { code: 'paused' });
}

import type { SyncSubject } from './messages.ts';

/** What a pause stops: everything of a pipeline, an entity in both directions, or all that is read from a side. */
export type PauseScope =
  { kind: 'pipeline' } | { kind: 'entity'; entity: string } | { kind: 'side'; side: string };

/**
 * `operator`: a command; nothing of it is read or written until another command. `fuse`: events fail alike, one after the
 * other. `schema`: a table or column is missing. `log_restarted`: positions of the side's log have begun anew.
 */
export const pauseReasons = ['operator', 'fuse', 'schema', 'log_restarted'] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** Input of `pause`. */
export interface PauseInput {
  pipeline: string;
  scope: PauseScope;
  reason: PauseReason;
  /** Why, in words without row values: the operator's, or the failure's message. */
  text: string;
  /** Error signature of `fuse` and `schema`: pauses of several signatures stand side by side. */
  signature: string | null;
  /** Epoch of the log that began anew; null for other reasons. */
  epoch: number | null;
  /** The event a trial is made with; null: only a command resumes. */
  sample: SyncSubject | null;
  /** Longest time between two trials, milliseconds. */
  trialMaxMs: number;
}

export interface Resumed {
  by: 'operator' | 'trial' | 'cancellation';
  /** What the operator said, or what the trial showed. */
  text: string;
  /** ISO 8601. */
  at: string;
}

export interface PauseStatus {
  pipeline: string;
  scope: PauseScope;
  reason: PauseReason;
  text: string;
  signature: string | null;
  epoch: number | null;
  /** ISO 8601. */
  since: string;
  /** Id of the event a trial is made with. */
  trialEvent: string | null;
  /** Null while it lasts. */
  resumed: Resumed | null;
}

/** `blog`, `blog/posts` or `blog/legacy`: as commands, metrics and logs name it. */
export function scopeName(pipeline: string, scope: PauseScope): string {
  if (scope.kind === 'pipeline') return pipeline;
  return `${pipeline}/${scope.kind === 'entity' ? scope.entity : scope.side}`;
}

/** One workflow for each cause: whoever pauses for the same joins it, and whoever knows the cause can ask exactly. */
export function pauseId({
  pipeline,
  scope,
  reason,
  signature,
  epoch,
}: Pick<PauseInput, 'pipeline' | 'scope' | 'reason' | 'signature' | 'epoch'>): string {
  const of = { pipeline: [], entity: [named(scope)], side: ['side', named(scope)] }[scope.kind];
  const cause = [signature, epoch].filter((each) => each !== null);
  return ['pause', pipeline, ...of, reason, ...cause].join('/');
}

const named = (scope: PauseScope) =>
  scope.kind === 'pipeline' ? '' : scope.kind === 'entity' ? scope.entity : scope.side;

/** The activities about pauses. */
export interface PauseActivities {
  /**
   * Tries the event a pause is about: applies it, effects included. Returns in words what shows that the cause is gone: an
   * outcome, or an error of another signature. Throws while it is the same, and while nothing can be told (outage, contention).
   */
  tryPaused(input: { pipeline: string; subject: SyncSubject; signature: string }): Promise<string>;
  /** Says in log and metrics that a pause began, or ended, and raises the alert of one nobody asked for. At least once. */
  announcePause(input: { status: PauseStatus }): Promise<void>;
  /** Returns once the pause is over; throws while it lasts. */
  awaitResume(input: { pipeline: string; subject: SyncSubject; pause: string }): Promise<void>;
}

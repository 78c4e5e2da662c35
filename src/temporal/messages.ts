import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult, Outcome } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import type { RetryLimits } from '../errors/policy.ts';
import type { AlertActivities } from './alert.ts';
import type { BackfillActivities } from './backfill.ts';
import type { BatchActivities } from './batch.ts';
import type { DeadRow } from './dead-row.ts';
import type { Corrections } from './edit.ts';
import type { Failure, TryFailure } from './failures.ts';
import type { HousekeepingActivities } from './housekeeping.ts';
import type { JobActivities } from './jobs.ts';
import type { PauseActivities } from './pause.ts';
import type { PollActivities } from './polling.ts';
import type { Resolution } from './resolution.ts';
import type { ConflictDecision, RowConflict } from './row-conflict.ts';
import type { VerifyActivities } from './verify.ts';
import type { WaitingActivities } from './waiting.ts';

/** Where a record lies in Kafka, or lay in a queue; what is kept of one that is too large for Temporal, or that cannot be parsed. */
export interface RecordReference {
  topic: string;
  partition: number;
  offset: string;
  /** When the topic's retention may remove the record, ISO 8601; null where it is kept for ever, or not known, or was in a queue. */
  expires: string | null;
}

/** A row somebody was told of, but not what it holds: whoever brings it reads it. */
export interface Hint {
  eventId: string;
  entity: string;
  /** Where the row is. */
  side: string;
  /** Canonical key of the row. */
  key: string;
  /** When the hint was given, ISO 8601 UTC. */
  timestamp: string;
}

/** What a workflow syncs: the event itself, the record to read it from when it is too large for Temporal, or a hint. */
export type SyncSubject =
  | {
      kind: 'event';
      event: ChangeEvent;
      /** Its values are an operator's: no row is read instead. */
      edited?: true;
    }
  | { kind: 'reference'; eventId: string; entity: string; side: string; reference: RecordReference }
  | ({ kind: 'hint' } & Hint);

/** Input of `syncChange`. */
export interface SyncInput {
  pipeline: string;
  subject: SyncSubject;
  limits: RetryLimits;
  /** True when a dead letter waits for this run's end. */
  retried: boolean;
  /** Where an earlier run left off when its history had grown; absent at the start. */
  progress?: SyncProgress;
}

/** What the retry policies have used up so far. */
export interface SyncProgress {
  /** Failed regular tries by class. */
  failures: Partial<Record<ErrorClass, number>>;
  /** Time spent waiting for another row, milliseconds. */
  waitedMs: number;
  /** The step in trouble and its last failure. */
  step: SyncStep;
  failure: TryFailure;
  /** Present once the row was applied and its effects are what is in trouble. */
  result?: UpsertResult;
  /** Since when it is in this class, ISO 8601. */
  since: string;
  /** Present once it has waited for another row to be told of. */
  parked?: Parked;
}

/** An event that waits to be woken. */
export interface Parked {
  /** From when on to look whether its deadline has passed, milliseconds since the epoch; absent before the first wait. */
  lookAt?: number;
  /** Looks in a row that found the awaited stream not live. */
  deadLooks?: number;
}

/** The verbs in their order. */
export const syncSteps = ['transformChange', 'resolveIdentity', 'upsertRow', 'runEffects'] as const;

export type SyncStep = (typeof syncSteps)[number];

export interface UpsertResult extends ApplyResult {
  /** Present when effects of the pipeline follow this outcome. */
  effects?: true;
}

/** The event's row in the target's columns; references still hold the source's keys. */
export interface TransformedChange {
  /** After image; null for a DELETE. */
  row: Row | null;
  /** Mapped before image, complete; null where the event carries none. */
  before: Row | null;
}

/** What is known of the row before the transaction begins; read from both ledgers. */
export interface ResolvedIdentity {
  /** The target row's key; null for a row the target never had. */
  targetKey: string | null;
  /** After a change of the source row's key: the target row that the source's ledger knows for the previous one. */
  previousTargetKey?: string | null;
  /** Target column to the parent row's key on the target. */
  references: Row;
  /** True when the event is Tandem's own delete coming back (a tombstone on the source says so). */
  echo: boolean;
  /** Row clock of the version the target must still hold; absent: any. */
  expects?: string;
  /** Present when the target holds a later version already: parents were not resolved, and nothing may be written. */
  outranked?: true;
  /** Present under policies that ask what a version had seen. */
  ancestry?: Ancestry;
  /** Present where a row that was read holds what Tandem wrote there: the side whose version that is. */
  madeBy?: string;
}

/** What a version had seen of the other side's row when it was made. */
export interface Ancestry {
  /** Tandem has written to the row since, with a version of the other side. */
  overtaken: boolean;
  /** Row clock, on the other side, of the newest version of that side it was made upon; null for none. */
  seen: string | null;
}

/**
 * What a dead letter holds. `record`: could not be parsed; `raw` is its value as base64, null where it is too large to
 * hold; `headers` are what parsing it anew needs beside (epoch, old key).
 */
export type DeadSubject = DeadChange | RowConflict;

/** A change that could not be applied. */
export type DeadChange =
  | SyncSubject
  | {
      kind: 'record';
      eventId: string;
      side: string;
      reference: RecordReference;
      key: string | null;
      raw: string | null;
      headers?: Readonly<Record<string, string>>;
    };

/** Input of `deadLetter`. Its `failed` signal carries a `Failure`, its `resolved` signal an `Outcome`. */
export interface DeadLetterInput {
  pipeline: string;
  subject: DeadChange;
  failure: Failure;
  limits: RetryLimits;
  /** Where an earlier run left off when its history had grown; absent at the start. */
  continued?: Pick<DeadLetterStatus, 'state' | 'retries' | 'openedAt' | keyof Corrections> &
    Partial<Pick<DeadLetterStatus, 'by'>>;
}

/** What a retry came to: started (or already running), or found already finished with an outcome, if it has one. */
export type RetryResult = { finished: false } | { finished: true; outcome: Outcome | null };

export interface SyncStatus {
  eventId: string;
  pipeline: string;
  entity: string;
  operation: string | null;
  source: string;
  /** `held`: it failed as others do, and waits for the end of the pause that came of it. */
  step: SyncStep | 'held' | 'dead_letter' | 'done';
  /** The error the event is in now; null while all is well. */
  trouble: { errorClass: ErrorClass; message: string; hint: string; since: string } | null;
  result: ApplyResult | null;
}

export interface DeadLetterStatus extends Corrections {
  eventId: string;
  pipeline: string;
  entity: string | null;
  source: string;
  state: 'open' | 'retrying' | 'resolved' | 'discarded';
  failure: Failure;
  hint: string;
  /** Times an operator asked for a retry. */
  retries: number;
  /** ISO 8601. */
  openedAt: string;
  /** Who asked for the last decision; null where nobody did, or said. */
  by: string | null;
  discardReason: string | null;
  outcome: Outcome | null;
  /** Present where an operator has to choose between two versions of a row: as they stand. */
  conflict?: RowConflict;
}

/** An event is kept open instead of becoming a dead letter; the workflow id of the pause it waits for. */
export interface Held {
  held: string;
}

/** The activities by verb. Each may run again after a crash and gives the same result. */
export interface SyncActivities {
  /** The first three verbs one after the other: one activation of the workflow instead of three. Fails as the verb does that failed. */
  applyChange(input: { pipeline: string; subject: SyncSubject }): Promise<UpsertResult>;
  /** Maps the row to the target's columns. Throws `data` naming the column, `schema` for a missing one. */
  transformChange(input: { pipeline: string; subject: SyncSubject }): Promise<TransformedChange>;
  /** Read-only look-ahead in both ledgers; throws `waiting_for_row` while a parent has no row on the target. */
  resolveIdentity(input: { pipeline: string; subject: SyncSubject }): Promise<ResolvedIdentity>;
  /** Applies in one transaction of the target; resolves and transforms anew where the inputs are null. */
  upsertRow(input: {
    pipeline: string;
    subject: SyncSubject;
    transformed: TransformedChange | null;
    identity: ResolvedIdentity | null;
    /** The event has waited for another row: if it has to again, it is entered in the waiting room, and leaves it when applied. */
    waited?: true;
  }): Promise<UpsertResult>;
  /** Runs the effects that follow the stored outcome, all of them again after any failed. */
  runEffects(input: { pipeline: string; subject: SyncSubject; result: ApplyResult }): Promise<void>;
}

export interface DeadLetterActivities {
  /**
   * Opens (or signals `failed` to) the dead letter of an event, and returns null. Idempotent per failure.
   * An event the target's ledger has an outcome of (applied before a cancellation, or discarded) gets none: its outcome is returned.
   * Nor does one that may be held (`holdable`) and fails like those its entity is paused for: the pause is named.
   */
  raiseDeadLetter(
    input: DeadLetterInput & { applied: boolean; holdable?: boolean },
  ): Promise<ApplyResult | Held | null>;
  /** Writes the record to the dead-letter topic in the seeds' shape. At least once. `limits`: of an event's retries. */
  publishDeadLetter(input: {
    pipeline: string;
    subject: DeadSubject;
    failure: Failure;
    limits?: RetryLimits;
  }): Promise<void>;
  /** Writes to the dead-letter topic, under the record's key, how the dead letter was closed. At least once. */
  publishResolution(input: { pipeline: string; resolution: Resolution }): Promise<void>;
  /** Only reads, nothing but `corrected` of what was decided changes it. */
  lookAtDeadRow(input: { pipeline: string; subject: SyncSubject; corrected?: Row }): Promise<DeadRow>;
  /**
   * Starts `syncChange` of the event again under its id, corrected or with the row as its source holds it now; parses an
   * unparsable record anew. Throws `data`, before anything is changed, for a correction that does not fit, and where the target
   * has the event already (`again`, of a correction that was accepted before: does what is left of the event).
   */
  retryDeadLetter(input: {
    pipeline: string;
    subject: DeadChange;
    limits: RetryLimits;
    corrected?: Row;
    again?: boolean;
    reread?: boolean;
  }): Promise<RetryResult>;
  /**
   * Writes the outcome `discarded` to the target's ledger, so that a redelivery changes nothing.
   * Returns the outcome that stands there then: the earlier one of an event that was applied before.
   */
  discardEvent(input: { pipeline: string; subject: DeadChange }): Promise<Outcome>;
  /**
   * Brings the version of one side of a conflict to the other, where both are what `subject` shows. `settled` with a null
   * outcome: there is nothing to decide any more.
   */
  decideConflict(input: { pipeline: string; subject: RowConflict; take: string }): Promise<ConflictDecision>;
}

export type Activities = SyncActivities &
  BatchActivities &
  BackfillActivities &
  WaitingActivities &
  DeadLetterActivities &
  PauseActivities &
  PollActivities &
  JobActivities &
  AlertActivities &
  VerifyActivities &
  HousekeepingActivities;

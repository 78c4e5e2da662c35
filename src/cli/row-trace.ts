import type { ConflictType, Outcome } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import type { DeadLetterStatus } from '../temporal/messages.ts';

/** What is known of a row on both of its sides, as `tandem trace ENTITY SIDE:KEY --json` prints it. Times are ISO 8601. */
export interface RowTrace {
  pipeline: string;
  entity: string;
  /** Canonical keys of the row, the one asked for first. */
  keys: readonly RowKey[];
  /** At most one for each direction. */
  identities: readonly IdentityView[];
  /** In order of time. Each is timed by who noted it: the ledger's database, or Temporal. */
  moments: readonly Moment[];
  /** Where there was more than is looked at, what may be missing. */
  left_out: readonly string[];
  /** Present when asked for: the rows as they are now. Row values, for the operator's own eyes. */
  rows?: readonly (RowKey & { clock: string | null; values: Row | null })[];
}

export interface RowKey {
  side: string;
  key: string;
}

export interface IdentityView {
  source: RowKey;
  /** `key` null: no row on that side yet, or the key went to another row. */
  target: { side: string; key: string | null };
  /** Raised by every change of the identity. */
  version: string;
  made_at: string;
  changed_at: string;
  /** Present once a delete was brought: the side that deleted the row. */
  tombstone: { side: string; at: string } | null;
}

/** `from`, `to`: the sides. `workflow`: in the Web UI; null where there is none of its own, or none any more. */
export type Moment = { at: string } & (
  | { what: 'paired'; source: RowKey; target: { side: string; key: string | null } }
  /** By the row clock of the delete. `by`: the side whose version it is. */
  | { what: 'deleted'; side: string; by: string }
  | ({
      what: 'outcome';
      outcome: Outcome;
      target_key: string | null;
      /** Null: nobody can tell any more. */
      lane: 'event' | 'batch' | null;
    } & OfEvent)
  /** The outcome was read back: the event had been applied before. */
  | ({ what: 'replayed'; outcome: Outcome } & OfEvent)
  | ({
      what: 'running';
      step: string | null;
      error_class: ErrorClass | null;
      reason: string | null;
    } & OfEvent)
  /** A run that ended without an outcome; a dead letter follows. `status` as Temporal has it. */
  | ({ what: 'ended'; status: string } & OfEvent)
  | { what: 'conflict'; event_id: string; id: string; side: string; type: ConflictType; verdict: string }
  | { what: 'waiting'; event_id: string; side: string; awaits: RowKey & { entity: string } }
  | {
      what: 'dead_letter';
      event_id: string;
      /** Null: no worker answers. */
      state: DeadLetterStatus['state'] | null;
      error_class: ErrorClass;
      reason: string;
      /** Tries after the first that Tandem made before it gave up. */
      retry_count: number;
      /** Times an operator asked for a retry. */
      retries: number | null;
      workflow: string;
    }
  | {
      what: 'dead_letter_closed';
      event_id: string;
      state: DeadLetterStatus['state'] | null;
      outcome: Outcome | null;
      discard_reason: string | null;
      workflow: string;
    }
);

export interface OfEvent {
  event_id: string;
  from: string;
  to: string;
  /** Null where only the event knew. */
  operation: string | null;
  /** Null without a workflow to read it from. */
  failed_tries: number | null;
  workflow: string | null;
}

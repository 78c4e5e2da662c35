import type { AwaitedRow } from '../errors/sync-error.ts';
import type { SyncSubject } from './messages.ts';

/** What is known of the stream that a row is to come from. */
export interface WaitLook {
  /** For how long it has been live without a break and past the event's own commit time, milliseconds; 0: it is not. */
  liveMs: number;
  /** What the event waits for, and what that waits for in turn; empty while the deadline has not passed. No row values. */
  chain: string;
}

export interface WaitingActivities {
  /** Says how long the awaited stream has been live; with `deadlineMs` reached also what the wait is for. */
  lookAtWait(input: {
    pipeline: string;
    subject: SyncSubject;
    awaits: AwaitedRow;
    deadlineMs: number;
  }): Promise<WaitLook>;
}

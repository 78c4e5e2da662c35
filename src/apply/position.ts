import type { ChangeEvent, Position } from '../change/event.ts';
import type { Identity } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';

/** Whether `candidate` happened after `held`; only meaningful for two positions of one row. */
export function isLater(candidate: Position, held: Position | null): boolean {
  if (held === null) return true;
  if (candidate.epoch !== held.epoch) return candidate.epoch > held.epoch;
  return candidate.order > held.order;
}

/** Source clocks are trusted to be stepped back by no more, milliseconds. */
const restartedAfterMs = 5000;

/** Times this close say nothing: a ledger may give them back a millisecond off. */
const sameTimeMs = 1;

/**
 * An event's position says that it is older than what was applied of its row and its commit time that it is newer, or the
 * other way round: the log's positions began anew, or the source's clock was put back. Only the source row can tell.
 */
export class UnclearPosition extends SyncError {
  /** Positions began anew: the event is newer by more than a clock is put back. */
  readonly restarted: boolean;

  constructor(event: ChangeEvent, restarted: boolean) {
    super(
      'contention',
      `position and commit time of a change of ${event.entity_type} disagree on whether it is new`,
      { code: restarted ? 'log_restarted' : 'unclear_position' },
    );
    this.restarted = restarted;
  }
}

/** Throws `UnclearPosition` where the order of a one-way entity's event cannot be told by its position. */
export function assertClear(event: ChangeEvent, { position, sourceTime }: Identity): void {
  if (event.snapshot || position === null || sourceTime === null) return;
  const later = isLater(event.position, position);
  const newerByMs = Date.parse(event.timestamp) - sourceTime;
  if (Math.abs(newerByMs) <= sameTimeMs || newerByMs > 0 === later) return;
  // Under a later epoch the numbering is known to be another, so an earlier time is only a clock.
  if (event.position.epoch > position.epoch) return;
  const sameEpoch = event.position.epoch === position.epoch;
  throw new UnclearPosition(event, sameEpoch && newerByMs > restartedAfterMs);
}

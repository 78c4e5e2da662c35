import type { Position } from '../change/event.ts';

/** Whether `candidate` happened after `held`; only meaningful for two positions of one row. */
export function isLater(candidate: Position, held: Position | null): boolean {
  if (held === null) return true;
  if (candidate.epoch !== held.epoch) return candidate.epoch > held.epoch;
  return candidate.order > held.order;
}

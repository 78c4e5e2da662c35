import type { ChangeEvent } from '../change/event.ts';
import type { FeedRecord } from './change-feed.ts';

export const lanes = ['auto', 'event', 'batch'] as const;

/** How events reach the target: `event`, one workflow each; `batch`, one for many; `auto`, as `laneOf` says. */
export type Lane = (typeof lanes)[number];

export interface LaneOptions {
  lane: Lane;
  /** `SYNC_BATCH_BEHIND`: records behind an event in its partition from which on it goes with others. */
  behind: number;
}

/** A change of a key is between two rows, and goes alone in any lane. */
export function laneOf(
  { lane, behind }: LaneOptions,
  { followers }: Pick<FeedRecord, 'followers'>,
  { snapshot, previous_key }: Pick<ChangeEvent, 'snapshot' | 'previous_key'>,
): 'event' | 'batch' {
  if (lane === 'event' || previous_key !== undefined) return 'event';
  return lane === 'batch' || snapshot || followers >= behind ? 'batch' : 'event';
}

import type { ChangeEvent } from '../change/event.ts';
import type { FeedRecord } from './change-feed.ts';

export const lanes = ['auto', 'event', 'batch'] as const;

/** How events reach the target: `event`, one workflow each; `batch`, one for many; `auto`, as `LaneChoice` says. */
export type Lane = (typeof lanes)[number];

export interface LaneOptions {
  lane: Lane;
  /** `SYNC_BATCH_BEHIND`: records behind an event in its partition from which on it goes with others. */
  behind: number;
  /** `SYNC_BATCH_OPEN`: events in flight from which on others go together, until a tenth of it is left. */
  open: number;
}

/** Chooses the lane of each event at the moment it is asked. A change of a key is between two rows, and goes alone. */
export class LaneChoice {
  readonly #options: LaneOptions;
  readonly #inFlight: () => number;
  #crowded = false;

  constructor(options: LaneOptions, inFlight: () => number) {
    this.#options = options;
    this.#inFlight = inFlight;
  }

  of(
    { followers }: Pick<FeedRecord, 'followers'>,
    { snapshot, previous_key }: Pick<ChangeEvent, 'snapshot' | 'previous_key'>,
  ): 'event' | 'batch' {
    const { lane, behind, open } = this.#options;
    if (lane === 'event' || previous_key !== undefined) return 'event';
    this.#crowded = this.#inFlight() >= (this.#crowded ? open / 10 : open);
    return lane === 'batch' || snapshot || followers >= behind || this.#crowded ? 'batch' : 'event';
  }
}

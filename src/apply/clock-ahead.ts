import type { ChangeEvent } from '../change/event.ts';

/**
 * Seconds the event's row clock is ahead of `now` (milliseconds since the epoch), to the millisecond; null where that
 * is no more than the limit, or the event has no clock.
 */
export function clockAhead({ clock }: Pick<ChangeEvent, 'clock'>, limitSeconds: number, now: number) {
  if (clock === null) return null;
  const ahead = (Number(BigInt(clock) / 1000n) - now) / 1000;
  return ahead > limitSeconds ? ahead : null;
}

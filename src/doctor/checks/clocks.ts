import { onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import { ok, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';

/** A side's clock against this machine's. */
export interface MeasuredClock {
  pipeline: string;
  side: string;
  /** Positive: ahead of this machine. */
  seconds: number;
}

const repair = 'keep the clocks of all machines with NTP or chrony';

const told = (seconds: number) => `${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? 'behind' : 'ahead of'}`;

/**
 * One finding for each side, and one for each two sides of a pipeline that differ by more than the limit: between them
 * the faster wins conflicts that it should lose. All agree on the rows either way.
 */
export function clockFindings(clocks: readonly MeasuredClock[], limitSeconds: number): Finding[] {
  const alone = clocks.map(({ side, seconds }) => {
    const subject = `${side}: clock`;
    const message = `${told(seconds)} this machine's`;
    return Math.abs(seconds) > limitSeconds ? warn(subject, message, repair) : ok(subject, message);
  });
  const apart = clocks.flatMap((first, index) =>
    clocks
      .slice(index + 1)
      .filter(({ pipeline, side }) => pipeline === first.pipeline && side !== first.side)
      .filter(({ seconds }) => Math.abs(first.seconds - seconds) > limitSeconds)
      .map(({ side, seconds }) =>
        warn(
          `${first.side} and ${side}: clocks`,
          `${first.side} is ${told(first.seconds - seconds)} ${side}`,
          repair,
        ),
      ),
  );
  return [...alone, ...apart];
}

/** The row clocks of both sides are taken from their databases' clocks; these should agree. */
export const clocks: Check = {
  name: 'clocks',
  title: 'Clocks agree',
  async run(context) {
    const measured: MeasuredClock[] = [];
    const skipped = await onEachSide(context, async ({ pipeline, side, inspect, own }) => {
      const connection = await own();
      const asked = Date.now();
      const clock = await inspect.inspectClock(connection);
      const here = (asked + Date.now()) / 2;
      measured.push({
        pipeline: pipeline.name,
        side: side.name,
        seconds: (Number(clock / 1000n) - here) / 1000,
      });
      return [];
    });
    return [...clockFindings(measured, context.settings.maxClockSkewSeconds), ...skipped];
  },
};

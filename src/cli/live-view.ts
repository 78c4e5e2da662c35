import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import type { Running } from '../process/run.ts';
import { inPlace } from './in-place.ts';
import { pauseLine } from './pause-line.ts';

const everyMs = 1000;

/** Renders rates, lag, events in flight, dead letters and the given lines each second until the signal aborts. */
export async function liveView(
  running: Running,
  footer: readonly string[],
  stream: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<void> {
  const update = inPlace(stream);
  let before = await running.metrics.totals();
  let at = performance.now();
  while (!signal.aborted) {
    const totals = await running.metrics.totals();
    const now = performance.now();
    const seconds = (now - at) / 1000;
    const lag = running.lag.seconds();
    const table = new Table({
      head: ['table', 'events', 'per second', 'lag'],
      colAligns: ['left', 'right', 'right', 'right'],
      style: { head: [], border: [], compact: true },
    });
    for (const [name, behind] of lag) {
      const total = totals.get(name) ?? 0;
      const rate = seconds > 0 ? (total - (before.get(name) ?? 0)) / seconds : 0;
      table.push([name, total, rate.toFixed(1), behind === 0 ? 'caught up' : `${behind.toFixed(1)} s`]);
    }
    const sum = (of: 'inFlight' | 'deadLetters') => running.openWork.reduce((n, work) => n + work[of], 0);
    update(
      [
        table.toString(),
        `in flight ${sum('inFlight')} · dead letters ${sum('deadLetters')} · records to read ${running.inHand.records()}`,
        ...running.openPauses().map(pauseLine),
        '',
        ...footer,
      ].join('\n'),
    );
    before = totals;
    at = now;
    await delay(everyMs, undefined, { signal }).catch(() => {});
  }
  update.done();
}

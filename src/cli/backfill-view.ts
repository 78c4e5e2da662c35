import Table from 'cli-table3';
import { secondsLeft } from '../temporal/backfill-details.ts';
import type { BackfillStatus, StepProgress } from '../temporal/backfill.ts';
import { barOf, duration, number } from './progress-text.ts';

/** A table of the steps under a bar, for a terminal. */
export function backfillTable(status: BackfillStatus): string {
  const table = new Table({
    head: ['entity', 'way', 'rows', status.dryRun ? 'paired already' : 'came to'],
    colAligns: ['left', 'left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const step of status.steps)
    table.push([
      step.entity,
      `${step.from} → ${step.to}`,
      step.total === null ? number(step.rows) : `${number(step.rows)} of ${number(step.total)}`,
      status.dryRun ? number(step.paired) : cameTo(step),
    ]);
  return `${backfillSummary(status)}\n${table.toString()}`;
}

/** One line: `blog: running [####----] 12,000 of 40,000 rows, 900 rows/s, 31 s left`. */
export function backfillSummary(status: BackfillStatus): string {
  const { pipeline, state, dryRun, steps, rate } = status;
  const rows = steps.reduce((sum, step) => sum + step.rows, 0);
  const total = steps.reduce<number | null>(
    (sum, step) => (sum === null || step.total === null ? null : sum + Math.max(step.total, step.rows)),
    0,
  );
  const left = state === 'done' ? null : secondsLeft(status);
  const parts = [
    `${total === null ? number(rows) : `${number(rows)} of ${number(total)}`} rows`,
    ...(rate === null || state === 'done' ? [] : [`${number(Math.round(rate))} rows/s`]),
    ...(left === null ? [] : [`${duration(left)} left`]),
  ];
  const bar = total === null || total === 0 ? '' : ` ${barOf(rows / total)}`;
  return `${pipeline}: ${state}${dryRun ? ' (dry run)' : ''}${bar} ${parts.join(', ')}`;
}

const cameTo = ({ outcomes, left }: StepProgress): string =>
  [
    ...Object.entries(outcomes).map(([outcome, count]) => `${number(count)} ${outcome}`),
    ...(left === 0 ? [] : [`${number(left)} in workflows of their own`]),
  ].join(', ');

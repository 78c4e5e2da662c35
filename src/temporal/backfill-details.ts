import type { BackfillStatus } from './backfill.ts';

const number = (n: number) => n.toLocaleString('en');

/** Markdown for the Web UI; no row values. */
export function backfillDetails(status: BackfillStatus): string {
  const { steps, state, dryRun, rate } = status;
  const lines = steps.map(({ entity, from, to, rows, total, outcomes, left, paired, endedAt, startedAt }) => {
    const of = total === null ? '' : ` of ${number(total)}`;
    const came = dryRun
      ? `${number(paired)} paired already`
      : Object.entries({ ...outcomes, ...(left > 0 && { 'on their own': left }) })
          .map(([name, count]) => `${number(count)} ${name}`)
          .join(', ');
    const mark = endedAt !== null ? 'done' : startedAt !== null ? 'under way' : 'to come';
    return `| ${entity} | ${from} → ${to} | ${mark} | ${number(rows)}${of} | ${came} |`;
  });
  const remaining = secondsLeft(status);
  return [
    `**${state}**${dryRun ? ', dry run' : ''}${rate === null ? '' : `, ${number(Math.round(rate))} rows/s`}${
      remaining === null ? '' : `, about ${Math.ceil(remaining / 60)} min left`
    }`,
    '',
    '| entity | way | | rows | |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** Null while nobody can tell: the rows are not counted yet, or none come. */
export function secondsLeft({ steps, rate }: BackfillStatus): number | null {
  let rows = 0;
  for (const { total, rows: done, endedAt } of steps) {
    if (endedAt !== null) continue;
    if (total === null) return null;
    rows += Math.max(0, total - done);
  }
  return rate === null || rate === 0 ? null : rows / rate;
}

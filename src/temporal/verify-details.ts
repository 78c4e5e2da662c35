import type { VerifyStatus } from './verify.ts';
import { comparedRows, foundRows, totalRows } from './verify-report.ts';

const number = (n: number) => n.toLocaleString('en');

/** Markdown for the Web UI; counts and names of columns, no keys and no values. */
export function verifyDetails(status: VerifyStatus): string {
  const { state, rate, repair, entities } = status;
  const how = repair === null ? '' : repair.dryRun ? ', repairs nothing (dry run)' : ', repairs';
  const lines = entities.map((report) => {
    const total = totalRows(report);
    const wrong = Object.entries(report.found).map(([name, { rows }]) => `${number(rows)} ${name}`);
    const columns = Object.entries(report.columns).map(([name, { rows }]) => `\`${name}\` ${number(rows)}`);
    return `| ${[
      report.entity,
      `${number(comparedRows(report))}${total === null ? '' : ` of ${number(total)}`}`,
      foundRows(report) === 0 ? '' : wrong.join(', '),
      columns.join(', '),
      [
        `${number(report.settled)} settled`,
        ...(report.moving > 0 ? [`${number(report.moving)} moving`] : []),
      ].join(', '),
      [
        ...(report.repaired > 0 ? [`${number(report.repaired)} repaired`] : []),
        ...Object.entries(report.left).map(([why, rows]) => `${number(rows)} left: ${why}`),
      ].join(', '),
    ].join(' | ')} |`;
  });
  return [
    `**${state}**${how}${rate === null || state === 'done' ? '' : `, ${number(Math.round(rate))} rows/s`}`,
    '',
    '| entity | rows | wrong | columns | under way | repair |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

import Table from 'cli-table3';
import type { EntityReport, Example, VerifyStatus } from '../temporal/verify.ts';
import {
  comparedRows,
  foundRows,
  movingRows,
  totalRows,
  writeText,
  wrongRows,
} from '../temporal/verify-report.ts';
import { barOf, duration, number } from './progress-text.ts';

/** A table of the entities under a line, for a terminal. */
export function verifyTable(status: VerifyStatus): string {
  const table = new Table({
    head: ['entity', 'rows', 'settled', 'moving', 'wrong', ...(status.repair ? ['repaired'] : [])],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const report of status.entities) {
    const total = totalRows(report);
    const rows = comparedRows(report);
    table.push([
      report.entity,
      total === null || status.sample !== null ? number(rows) : `${number(rows)} of ${number(total)}`,
      number(report.settled),
      number(report.moving),
      number(foundRows(report)),
      ...(status.repair ? [number(report.repaired)] : []),
    ]);
  }
  return `${verifySummary(status)}\n${table.toString()}`;
}

/** One line: `blog: running [####----] 12,000 of 40,000 rows, 900 rows/s, 31 s left, 3 wrong`. */
export function verifySummary(status: VerifyStatus): string {
  const { pipeline, state, entities, rate, sample } = status;
  const rows = entities.reduce((sum, report) => sum + comparedRows(report), 0);
  const total = entities.reduce<number | null>((sum, report) => {
    const own = totalRows(report);
    return sum === null || own === null || sample !== null ? null : sum + Math.max(own, comparedRows(report));
  }, 0);
  const open = state !== 'done';
  const left = total === null || rate === null || rate === 0 ? null : (total - rows) / rate;
  const parts = [
    `${open && total !== null ? `${number(rows)} of ${number(total)}` : number(rows)} rows`,
    ...(open && rate !== null ? [`${number(Math.round(rate))} rows/s`] : []),
    ...(open && left !== null && left >= 1 ? [`${duration(left)} left`] : []),
    verdict(status),
  ];
  const bar = !open || total === null || total === 0 ? '' : ` ${barOf(rows / total)}`;
  return `${pipeline}: ${state}${bar} ${parts.join(', ')}`;
}

function verdict(status: VerifyStatus): string {
  const found = status.entities.reduce((sum, report) => sum + foundRows(report), 0);
  const moving = movingRows(status);
  const still = moving === 0 ? '' : `, ${number(moving)} still moving`;
  if (found === 0) return `${status.state === 'done' ? 'both sides agree' : 'nothing wrong so far'}${still}`;
  const wrong = wrongRows(status);
  const repaired = status.repair && !status.repair.dryRun ? `, ${number(found - wrong)} repaired` : '';
  return `${number(found)} wrong${repaired}${still}`;
}

/** The whole report as text: the table, then what is wrong with examples, and what a repair would write. */
export function verifyReport(status: VerifyStatus): string {
  const { entities, planned, plannedMore } = status;
  const lines = entities.flatMap((report) => entityLines(report));
  const plan = [
    ...(planned.length === 0 ? [] : ['', 'would write:']),
    ...planned.map((write) => `  ${writeText(write)}`),
    ...(plannedMore === 0 ? [] : [`  … and ${number(plannedMore)} more`]),
  ];
  return [verifyTable(status), ...lines, ...plan].join('\n');
}

function entityLines(report: EntityReport): string[] {
  const { entity, found, columns, left } = report;
  const lines = [
    ...Object.entries(found).map(
      ([kind, { rows, examples }]) =>
        `  ${kind}: ${number(rows)}  ${examples.map((example) => pairText(report, example)).join('  ')}`,
    ),
    ...Object.entries(columns).flatMap(([column, { rows, examples }]) => [
      `  column ${column}: ${number(rows)}`,
      ...examples.flatMap((example) =>
        example.value
          ? [
              `    ${pairText(report, example)}  ${valueText(example.value.expected)} ≠ ${valueText(example.value.held)}`,
            ]
          : [],
      ),
    ]),
    ...Object.entries(left).map(([why, rows]) => `  not repaired: ${number(rows)}, ${why}`),
  ];
  return lines.length === 0 ? [] : ['', entity, ...lines];
}

/** `legacy:42 = revamp:17`, as far as it is known. */
export const pairText = ({ side, other }: EntityReport, example: Example): string =>
  [
    ...(example.key === null ? [] : [`${side}:${example.key}`]),
    ...(example.other === null ? [] : [`${other}:${example.other}`]),
  ].join(' = ');

export const valueText = (value: string | null): string => (value === null ? 'null' : JSON.stringify(value));

import Table from 'cli-table3';
import { failedFirst } from '../temporal/dead-row-details.ts';
import { isColumn } from '../temporal/dead-row.ts';
import type { DeadColumn, SeenRow } from '../temporal/dead-row.ts';
import { printable } from './printable.ts';

/** What was seen of a dead event's row, as the Web UI has it; prints row values. */
export function deadRowText(seen: SeenRow, failed: string | undefined): string[] {
  if ('unread' in seen) return ['', `the row could not be read: ${seen.unread}`];
  const { row } = seen;
  const { source, target, at, unread, held } = row;
  const table = new Table({
    head: [source, target, 'the event', 'written as', `${target} holds`],
    style: { head: [], border: [], compact: true },
  });
  for (const column of failedFirst(row, failed))
    table.push([
      column.from,
      isColumn(column, failed) ? `${column.to} failed` : column.to,
      text(column.event),
      column.refused ?? text(column.mapped),
      text(column.held),
    ]);
  return [
    '',
    table.toString(),
    [
      ...(unread === null ? [] : [`not all could be read: ${unread}`]),
      ...(held === false ? [`${target} has no such row`] : []),
      `looked at ${at}`,
    ].join(', '),
  ];
}

const text = (value: DeadColumn['event']): string =>
  value === undefined ? '' : value === null ? 'NULL' : printable(value);

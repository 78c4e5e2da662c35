import { isColumn } from './dead-row.ts';
import type { DeadColumn, DeadRow, SeenRow } from './dead-row.ts';

/** Characters of the table; columns beyond are counted. */
const mostCharacters = 4000;

/** Markdown lines of what was seen of a dead event's row; the column that failed, where it is known, comes first. */
export function deadRowDetails(seen: SeenRow, failed: string | undefined): string[] {
  if ('unread' in seen) return ['', `The row could not be read: ${seen.unread}`];
  const { row } = seen;
  const { source, target, at } = row;
  const lines = failedFirst(row, failed).map((column) => line(row, column, isColumn(column, failed)));
  const shown = lines.filter(withRoom());
  const left = lines.length - shown.length;
  return [
    '',
    `| ${source} → ${target} | the event | ${target} holds |`,
    '| --- | --- | --- |',
    ...shown,
    '',
    [
      ...(left === 0 ? [] : [`${left} more columns: query \`row\`.`]),
      ...(row.unread === null ? [] : [`Not all could be read: ${row.unread}.`]),
      ...(row.held === false ? [`${target} has no such row.`] : []),
      `Looked at ${at}.`,
    ].join(' '),
  ];
}

export const failedFirst = ({ columns }: DeadRow, failed: string | undefined): DeadColumn[] =>
  columns.toSorted((a, b) => Number(isColumn(b, failed)) - Number(isColumn(a, failed)));

function withRoom(): (line: string) => boolean {
  let room = mostCharacters;
  return ({ length }) => (room -= length) >= 0;
}

function line({ held }: DeadRow, column: DeadColumn, failed: boolean): string {
  const name = column.from === column.to ? column.from : `${column.from} → ${column.to}`;
  const cells = [
    failed ? `**${name}** failed` : name,
    brought(column),
    held === true ? code(column.held) : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

function brought({ event, mapped, refused }: DeadColumn): string {
  if (event === undefined) return refused ?? '';
  if (refused !== undefined) return `${code(event)}: ${refused}`;
  return mapped === event ? code(event) : `${code(event)}, written as ${code(mapped)}`;
}

/** A value as a cell of a table shows it, whatever it holds. */
function code(value: string | null | undefined): string {
  if (value === undefined) return '';
  if (value === null) return 'NULL';
  const text = value.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').replaceAll('|', String.raw`\|`);
  const ticks = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  if (ticks === 0 && text.trim() !== '') return `\`${text}\``;
  const fence = '`'.repeat(ticks + 1);
  return text.trim() === '' ? `${text.length} spaces` : `${fence} ${text} ${fence}`;
}

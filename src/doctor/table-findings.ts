import type { TableDescription } from '../database/contract.ts';
import type { Inspection } from '../database/inspector.ts';
import type { CompiledTable, Route } from '../pipeline/route.ts';
import { fail, warn } from './finding.ts';
import type { Finding } from './finding.ts';

/** Columns of a table that Tandem writes besides the mapped ones. */
const ownColumns = ({ clock, sourceColumn }: CompiledTable) =>
  [clock, sourceColumn].filter((name) => name !== null);

/** Compares one declared table with the live one. `route` is the one that writes to it; null where none does. */
export function tableFindings(
  table: CompiledTable,
  live: TableDescription,
  route: Route | null,
  carriesKind: Inspection['carriesKind'],
): Finding[] {
  const place = (column: string) => `${table.side}: ${table.name}.${column}`;
  const findings: Finding[] = [];
  for (const { name, kind, nullable } of table.columns.values()) {
    const column = live.get(name);
    if (column === undefined) {
      findings.push(
        fail(place(name), 'is declared and does not exist', 'add the column, or take it out of the pipeline'),
      );
      continue;
    }
    if (!carriesKind(kind, column))
      findings.push(
        fail(
          place(name),
          `is ${column.type}, declared as ${kind}`,
          'declare it by what it is, or change its type',
        ),
      );
    if (column.nullable && !nullable && !table.key.includes(name))
      findings.push(
        warn(
          place(name),
          'may be null, and is declared as never null: a null becomes a dead letter',
          'declare it .nullable(), or make the column NOT NULL',
        ),
      );
  }
  for (const name of ownColumns(table))
    if (!live.has(name))
      findings.push(
        fail(
          place(name),
          'does not exist: Tandem keeps it on every mapped table',
          "add it as the pipeline's schema.sql does",
        ),
      );
  return route === null ? findings : [...findings, ...unwritten(table, live, route, place)];
}

/** Columns that must have a value and get none. */
function unwritten(
  table: CompiledTable,
  live: TableDescription,
  { columns, stamps }: Route,
  place: (column: string) => string,
): Finding[] {
  const stamped = [stamps.deletedAt?.name, stamps.syncedAt?.name, ...Object.keys(stamps.constants)];
  const written = new Set([
    ...columns.map(({ to }) => to.name),
    ...stamped,
    ...table.key,
    ...ownColumns(table),
  ]);
  return [...live.values()]
    .filter(({ name, nullable, hasDefault }) => !nullable && !hasDefault && !written.has(name))
    .map(({ name }) =>
      fail(
        place(name),
        'is NOT NULL without a default and not in the column map: no row can be inserted',
        'give it a default, or map it',
      ),
    );
}

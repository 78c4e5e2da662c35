import { columnKind, isNullable } from '../../src/pipeline/columns.ts';
import type { ColumnSchema } from '../../src/pipeline/columns.ts';
import type { CompiledTable } from '../../src/pipeline/route.ts';
import type { TestDatabase } from './databases.ts';

interface TableOptions {
  key?: readonly string[];
  clock?: string | null;
  sourceColumn?: string | null;
}

/** A table as a compiled pipeline holds it, on the side of a test's database. */
export function compiledTable(
  { side, engine }: Pick<TestDatabase, 'side' | 'engine'>,
  name: string,
  columns: Record<string, ColumnSchema>,
  { key = ['id'], clock = 'sync_clock', sourceColumn = 'source' }: TableOptions = {},
): CompiledTable {
  const compiled = Object.entries(columns).map(([column, schema]) => ({
    name: column,
    kind: columnKind(schema),
    nullable: isNullable(schema),
    schema,
  }));
  return {
    side,
    engine,
    schema: engine === 'postgres' ? 'public' : null,
    name,
    key,
    columns: new Map(compiled.map((column) => [column.name, column])),
    clock,
    sourceColumn,
  };
}

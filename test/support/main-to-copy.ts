import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../src/pipeline/define.ts';
import type { EntityDefinition, TableColumns } from '../../src/pipeline/define.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';

/** Pipeline `pair`: from side `main` on MySQL to side `copy` on PostgreSQL. */
export const mainToCopy = (entities: Record<string, EntityDefinition>): CompiledPipeline =>
  compilePipeline(
    definePipeline({
      name: 'pair',
      sides: { main: mysql({ url: 'mysql://main' }), copy: postgres({ url: 'postgres://copy' }) },
      entities,
    }),
  );

/** Rows of table `people`, `id` first, in a table of the same columns. */
export const copied = (columns: TableColumns, copy = 'people'): EntityDefinition =>
  entity({
    tables: { main: table('people', columns), copy: table(copy, columns) },
    columns: Object.fromEntries(
      Object.keys(columns)
        .slice(1)
        .map((name) => [name, name]),
    ),
    direction: 'one_way',
    conflicts: 'source_wins',
  });

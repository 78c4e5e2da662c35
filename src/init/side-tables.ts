import type { LiveTable } from '../database/live-schema.ts';
import type { CompiledPipeline, CompiledTable } from '../pipeline/route.ts';

/** A table whose rows go when a row of another does, or lose their reference to it. */
export interface Child {
  live: LiveTable;
  column: string;
  onDelete: 'cascade' | 'set null';
}

/** A table of a pipeline on one of its sides, and what Tandem's SQL has to know of it. */
export interface SideTable {
  entity: string;
  table: CompiledTable;
  live: LiveTable;
  /** Changes of its app are captured. */
  captured: boolean;
  /** Tandem writes to it. */
  written: boolean;
  /** Tables of the pipeline with a foreign key to it that acts by itself. */
  children: readonly Child[];
}

/** Tables of a side that are not in its database. */
export class MissingTables extends Error {}

/** The tables of a pipeline on one side, parents before children. Throws `MissingTables`. */
export function sideTables(
  { routes, sides }: CompiledPipeline,
  side: string,
  live: readonly LiveTable[],
): SideTable[] {
  const captured = new Set(sides.get(side)!.tables);
  const found = new Map<CompiledTable, { entity: string; written: boolean; live: LiveTable }>();
  const missing: string[] = [];
  for (const { entity, source, target, loads } of routes)
    for (const table of [source, target]) {
      if (table.side !== side || (table === target && !loads)) continue;
      const there = live.find((each) => each.name === table.name && each.schema === table.schema);
      if (!there) missing.push(table.name);
      else
        found.set(table, {
          entity,
          live: there,
          written: table === target || found.get(table)?.written === true,
        });
    }
  if (missing.length > 0)
    throw new MissingTables(`side ${side}: there is no table ${[...new Set(missing)].join(', ')}`);
  const all = [...found].map(([table, rest]) => ({ table, ...rest }));
  return all.map((each) => ({
    ...each,
    captured: captured.has(each.table),
    // The deepest first. Of rows of its own table MySQL lets no trigger delete any.
    children: all
      .toReversed()
      .flatMap(({ live: child }) =>
        child.foreignKeys.flatMap(({ parent, columns, onDelete }) =>
          child !== each.live &&
          parent === each.live.name &&
          child.schema === each.live.schema &&
          columns.length === 1 &&
          onDelete !== 'refuse'
            ? [{ live: child, column: columns[0]!, onDelete }]
            : [],
        ),
      ),
  }));
}

/** What a side's SQL files hold. */
export interface SideSqlFiles {
  schema: string;
  grants: string;
  triggers: string;
}

/** Names the objects of an entity that lie in the schema of the ledger, which all pipelines share. */
export const objectName = (pipeline: string, entity: string): string => `${pipeline}_${entity}`.slice(0, 50);

export const noTriggers = '-- The tables of this side need no triggers.\n';

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

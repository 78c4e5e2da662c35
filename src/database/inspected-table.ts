import type { CompiledPipeline, CompiledSide, CompiledTable } from '../pipeline/route.ts';

export interface InspectedTable {
  table: CompiledTable;
  /** Changes of its app are captured: it needs triggers and the whole row in the log. */
  captured: boolean;
  /** Tandem writes to it. */
  written: boolean;
}

/** The tables of a side, those it is a source of first. */
export function inspectedTables(
  { routes }: Pick<CompiledPipeline, 'routes'>,
  { name, tables }: Pick<CompiledSide, 'name' | 'tables'>,
): InspectedTable[] {
  const targets = routes
    .filter(({ target, loads }) => target.side === name && loads)
    .map(({ target }) => target);
  const sources = routes.map(({ source }) => source).filter(({ side }) => side === name);
  const has = (list: readonly CompiledTable[], table: CompiledTable) =>
    list.some((each) => each.name === table.name && each.schema === table.schema);
  const all = [...sources, ...targets.filter((table) => !has(sources, table))];
  return all.map((table) => ({ table, captured: has(tables, table), written: has(targets, table) }));
}

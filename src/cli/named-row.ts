import { keyText, keyValues } from '../change/key.ts';
import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline, CompiledTable, Route } from '../pipeline/route.ts';
import type { RowKey } from './row-trace.ts';

/** A row of an entity, as a command line names it. */
export interface NamedRow {
  pipeline: CompiledPipeline;
  entity: string;
  /** Of the entity: one for each direction. */
  routes: readonly Route[];
  row: RowKey;
}

/**
 * What ENTITY SIDE:KEY means in one of these pipelines; the key of several columns as a JSON array. Throws `ConfigError`
 * naming the entities, pipelines or sides there are.
 */
export function rowNamed(pipelines: readonly CompiledPipeline[], entity: string, text: string): NamedRow {
  const having = pipelines.filter(({ entities }) => entities.includes(entity));
  const [pipeline] = having;
  if (!pipeline) {
    const known = pipelines.map(({ name, entities }) => `${name} has ${entities.join(', ')}`);
    throw new ConfigError([`there is no entity ${entity}: ${known.join('; ')}`]);
  }
  if (having.length > 1)
    throw new ConfigError([
      `${entity} is an entity of ${having.map(({ name }) => name).join(' and ')}: choose with --pipeline`,
    ]);
  const routes = pipeline.routes.filter((route) => route.entity === entity);
  const [, side, key] = /^([^:]*):(.+)$/s.exec(text) ?? [];
  const tables = routes.flatMap(({ source, target }) => [source, target]);
  const table = tables.find((each) => each.side === side);
  if (!table || key === undefined) {
    const sides = [...new Set(tables.map((each) => `${each.side}:KEY`))];
    throw new ConfigError([`name a row of ${entity} as ${sides.join(' or ')}`]);
  }
  return { pipeline, entity, routes, row: { side: table.side, key: canonical(table, key) } };
}

/** However a JSON array is spaced, the ledgers have it in one form. */
function canonical({ side, key }: CompiledTable, text: string): string {
  try {
    return keyText(keyValues(text, key.length));
  } catch {
    const example = JSON.stringify(key.map((column) => column.toUpperCase()));
    throw new ConfigError([`a key on ${side} has ${key.length} columns: write ${side}:'${example}'`]);
  }
}

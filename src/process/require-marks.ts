import type { Database } from '../database/contract.ts';
import { isUnclocked } from '../apply/unclocked/is-unclocked.ts';
import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';

/**
 * Throws `ConfigError` where an entity keeps no row clocks and a side's sessions carry no origin mark: nothing in its
 * tables says who wrote a row, so Tandem's own writes could be taken for an app's.
 */
export async function requireMarks(
  { name, routes }: CompiledPipeline,
  databases: ReadonlyMap<string, Pick<Database, 'capabilities'>>,
): Promise<void> {
  const unclocked = routes.filter((route) => isUnclocked(route));
  const entities = new Set(unclocked.map(({ entity }) => entity));
  const unmarked: string[] = [];
  for (const side of new Set(unclocked.map(({ target }) => target.side)))
    if (!(await databases.get(side)!.capabilities()).originMarks) unmarked.push(side);
  if (unmarked.length > 0)
    throw new ConfigError([
      `SYNC_ORIGIN_MARKS: pipeline ${name} keeps no row clock for ${[...entities].join(', ')}, which needs origin marks on ${unmarked.join(' and ')}`,
    ]);
}

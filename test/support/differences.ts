import { resolveIdentity } from '../../src/apply/resolve-identity.ts';
import type { ChangeEvent } from '../../src/change/event.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { CompiledTable, Route } from '../../src/pipeline/route.ts';
import { transformChange } from '../../src/pipeline/transform.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import type { Blog } from './blog-system.ts';

/** Every way in which the two sides disagree: rows without a partner, mapped columns or row clocks that differ. */
export async function differences(blog: Blog): Promise<string[]> {
  const sides = [...resolveSides(blog.pipeline, blog.environment).values()];
  const databases = new Map(
    sides.map(({ name, engine, databaseUrl }) => [
      name,
      openDatabase({ engine, side: name, url: databaseUrl, poolSize: 2 }),
    ]),
  );
  try {
    const found: string[] = [];
    for (const entity of blog.pipeline.entities) {
      const route = blog.pipeline.route(entity, sides[0]!.name)!;
      found.push(...(await entityDifferences(blog, route, databases)));
    }
    return found;
  } finally {
    await Promise.all([...databases.values()].map((database) => database.close()));
  }
}

function waiting(error: unknown): null {
  if (error instanceof SyncError && error.errorClass === 'waiting_for_row') return null;
  throw error;
}

const keysOf = async (blog: Blog, { side, name }: CompiledTable): Promise<string[]> =>
  (await blog.admin(side, `SELECT id FROM ${name} ORDER BY id`)).map(({ id }) => String(id));

async function entityDifferences(
  blog: Blog,
  route: Route,
  databases: ReadonlyMap<string, LedgerDatabase>,
): Promise<string[]> {
  const found: string[] = [];
  const source = databases.get(route.source.side)!;
  const target = databases.get(route.target.side)!;
  const unmatched = new Set(await keysOf(blog, route.target));
  for (const key of await keysOf(blog, route.source)) {
    const place = `${route.entity} ${route.source.side}:${key}`;
    const row = await source.findRow(route.source, key);
    if (!row) continue;
    const event = { operation: 'CREATE', primary_key: key, payload: row.values, before: null } as ChangeEvent;
    const identity = await resolveIdentity({ source, target, route }, event).catch(waiting);
    if (!identity) {
      found.push(`${place} waits for a row that ${route.target.side} does not have`);
      continue;
    }
    const other = identity.targetKey === null ? null : await target.findRow(route.target, identity.targetKey);
    if (!other) {
      found.push(`${place} has no row on ${route.target.side}`);
      continue;
    }
    unmatched.delete(identity.targetKey!);
    const expected = { ...transformChange(route, event).row, ...identity.references };
    for (const [column, value] of Object.entries(expected))
      if (other.values[column] !== value) found.push(`${place}: ${column} differs`);
    if (other.clock !== row.clock) found.push(`${place}: the row clock differs`);
  }
  return [
    ...found,
    ...[...unmatched].map((key) => `${route.entity} ${route.target.side}:${key} has no partner`),
  ];
}

import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { Database } from '../database/contract.ts';
import type { BulkDatabase } from '../database/grouped/bulk.ts';
import { groupedDatabase } from '../database/grouped/grouped-database.ts';
import { transformChange } from '../pipeline/transform.ts';
import { applyEvent } from './apply-event.ts';
import { resolveIdentity } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { settledEvent } from './settled-event.ts';

/** What `applyEvent` needs, with databases that take many rows at once. */
export type ManyDeps = ApplyDeps & Record<'source' | 'target', BulkDatabase>;

/**
 * Applies events of one route as `applyEvent` does each of them, all at the same time: what they ask the databases for is
 * asked set-based, in few transactions. Each event has an ending of its own; events of one row take turns.
 */
export function applyMany(
  deps: ManyDeps,
  events: readonly ChangeEvent[],
  group: (database: BulkDatabase) => Database = groupedDatabase,
): Promise<PromiseSettledResult<ApplyResult>[]> {
  const grouped = { ...deps, source: group(deps.source), target: group(deps.target) };
  return Promise.allSettled(
    events.map(async (event) => {
      const [transformed, resolved] = await Promise.all([
        settledEvent(grouped.source, deps.route, event).then((settled) =>
          transformChange(deps.route, settled),
        ),
        resolveIdentity(grouped, event),
      ]);
      return applyEvent(grouped, event, transformed, resolved);
    }),
  );
}

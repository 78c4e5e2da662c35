import type { ManyDeps } from '../apply/apply-many.ts';
import { identityKey } from '../apply/identity-key.ts';
import { readId } from '../change/event-id.ts';
import type { BackfillActivities, BackfillCounts } from '../temporal/backfill.ts';
import type { Hint } from '../temporal/messages.ts';
import { bringHints } from './bring-hints.ts';
import type { ActivityDeps } from './deps.ts';
import { applyDepsOf } from './route-of.ts';

export function copyPageActivity(deps: ActivityDeps): BackfillActivities['copyPage'] {
  return async ({ pipeline, step, where, after, until, run, dryRun, limits }) => {
    const of = applyDepsOf(deps, step.entity, step.from);
    const { entity, source } = of.route;
    const keys = await of.source.listKeys(source, { after, until, where, limit: null });
    if (dryRun) return { ...noCounts, rows: keys.length, paired: await countPaired(of, keys) };
    const timestamp = new Date().toISOString();
    const hints = keys.map((key): Hint => {
      const eventId = readId({ pipeline, entity, side: source.side, key }, run);
      return { eventId, entity, side: source.side, key, timestamp };
    });
    return { ...noCounts, rows: keys.length, ...(await bringHints(deps, of, hints, limits)) };
  };
}

const noCounts: BackfillCounts = { rows: 0, outcomes: {}, left: 0, paired: 0 };

/** Rows that the other side has already, or that came from there. */
async function countPaired({ route, source, target }: ManyDeps, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const known = await target.bulk.read((reader) =>
    reader.findIdentities(keys.map((key) => identityKey(route, route.entity, key))),
  );
  const back = !route.twoWay
    ? []
    : await source.bulk.read((reader) =>
        reader.findIdentitiesByTarget(
          keys.map((targetKey) => ({
            pipeline: route.pipeline,
            entity: route.entity,
            sourceSide: route.target.side,
            targetSide: route.source.side,
            targetKey,
          })),
        ),
      );
  return keys.filter((_, index) => known[index]?.targetKey != null || back[index] != null).length;
}

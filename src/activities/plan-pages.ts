import { SyncError } from '../errors/sync-error.ts';
import type { BackfillActivities } from '../temporal/backfill.ts';
import type { ActivityDeps } from './deps.ts';
import { applyDepsOf } from './route-of.ts';

export function planPagesActivity(deps: ActivityDeps): BackfillActivities['planPages'] {
  return async ({ step, where, after, pageRows, pages, mostOpen }) => {
    await assertRoom(deps, mostOpen);
    const { route, source } = applyDepsOf(deps, step.entity, step.from);
    const keys = await source.listKeys(route.source, { after, until: null, where, limit: pageRows * pages });
    if (after !== null && keys.at(-1) === after)
      throw new SyncError('bug', `the keys of ${route.source.name} do not compare as they are put in order`);
    return keys.filter((_, index) => (index + 1) % pageRows === 0 || index === keys.length - 1);
  };
}

/** Rows that went on by themselves may wait for long, and are to be bounded like any. */
async function assertRoom({ countOpen }: ActivityDeps, most: number): Promise<void> {
  const count = await countOpen();
  if (count >= most)
    throw new SyncError('unavailable', `${count} events are open: the backfill goes on when they are fewer`, {
      code: 'crowded',
    });
}

export function countBackfillActivity(deps: ActivityDeps): BackfillActivities['countBackfill'] {
  return ({ step, where }) => {
    const { route, source } = applyDepsOf(deps, step.entity, step.from);
    return source.countRows(route.source, where);
  };
}

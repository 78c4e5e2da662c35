import { SyncError } from '../errors/sync-error.ts';
import type { Route } from '../pipeline/route.ts';
import type { BackfillActivities } from '../temporal/backfill.ts';
import type { ActivityDeps } from './deps.ts';
import { applyDepsOf } from './route-of.ts';

export function planPagesActivity(deps: ActivityDeps): BackfillActivities['planPages'] {
  return async ({ step, where, after, pageRows, pages, ...most }) => {
    const { route, source } = applyDepsOf(deps, step.entity, step.from);
    await assertRoom(deps, route, most);
    const keys = await source.listKeys(route.source, { after, until: null, where, limit: pageRows * pages });
    if (after !== null && keys.at(-1) === after)
      throw new SyncError('bug', `the keys of ${route.source.name} do not compare as they are put in order`);
    return keys.filter((_, index) => (index + 1) % pageRows === 0 || index === keys.length - 1);
  };
}

/** Rows that went on by themselves may wait for long. What they wait for is not held up by their number. */
async function assertRoom(
  { countOpen }: ActivityDeps,
  { columns }: Route,
  { mostOpen, mostWaiting }: { mostOpen: number; mostWaiting: number },
): Promise<void> {
  const { running, waiting } = await countOpen();
  const refuse = (what: string) => {
    const text = `${what}: the backfill goes on when they are fewer`;
    throw new SyncError('unavailable', text, { code: 'crowded' });
  };
  if (running - waiting >= mostOpen) refuse(`${running - waiting} events are open`);
  const mayWait = columns.some(({ references }) => references !== null);
  if (mayWait && waiting >= mostWaiting) refuse(`${waiting} events wait for another row`);
}

export function countBackfillActivity(deps: ActivityDeps): BackfillActivities['countBackfill'] {
  return ({ step, where }) => {
    const { route, source } = applyDepsOf(deps, step.entity, step.from);
    return source.countRows(route.source, where);
  };
}

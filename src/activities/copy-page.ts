import { applyHints, classOf } from '../apply/apply-many.ts';
import type { ManyDeps } from '../apply/apply-many.ts';
import { readEvent } from '../apply/apply-hint.ts';
import { identityKey } from '../apply/identity-key.ts';
import type { ChangeEvent } from '../change/event.ts';
import { readId } from '../change/event-id.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import type { BackfillActivities, BackfillCounts } from '../temporal/backfill.ts';
import type { Hint } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { refusePaused } from './hold.ts';
import { applyDepsOf } from './route-of.ts';
import { settleMany } from './settle-many.ts';
import type { Ending } from './settle-many.ts';
import { startSubjects } from './start-subjects.ts';

/** Pages of fewer rows say nothing of the others. */
const tellingRows = 20;
/** Errors that are the rows' own, or the mapping's: more of the same are to be expected. */
const lasting: ReadonlySet<ErrorClass> = new Set(['schema', 'constraint', 'data', 'bug']);

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
    if (hints[0]) refusePaused(deps, { kind: 'hint', ...hints[0] });
    const endings = await applyHints(of, hints);
    assertMostlyFine(endings);
    const events = await eventsOf(deps, of, hints);
    const { outcomes, left } = await settleMany(deps, of, events, endings);
    await startSubjects(
      deps,
      left.map((index) => ({ kind: 'hint', ...hints[index]! })),
      limits,
    );
    return { ...noCounts, rows: keys.length, outcomes, left: left.length };
  };
}

/** With the rows' values only where effects are to see them. */
async function eventsOf(
  { pipeline }: ActivityDeps,
  { route, source }: ManyDeps,
  hints: readonly Hint[],
): Promise<ChangeEvent[]> {
  const keys = hints.map(({ key }) => key);
  const isRead = keys.length > 0 && pipeline.effects(route.entity).length > 0;
  const rows = isRead ? await source.bulk.read((reader) => reader.findRows(route.source, keys)) : [];
  return hints.map((hint, at) => readEvent(route, hint, rows[at] ?? null));
}

const noCounts: BackfillCounts = { rows: 0, outcomes: {}, left: 0, paired: 0 };

/** What refuses most of a page is to be repaired once, not row by row. */
function assertMostlyFine(endings: readonly Ending[]): void {
  const failed = endings.filter(
    (ending) => ending.status === 'rejected' && lasting.has(classOf(ending) ?? 'bug'),
  );
  const [first] = failed;
  if (endings.length >= tellingRows && failed.length * 2 > endings.length && first?.status === 'rejected')
    throw first.reason;
}

/** Rows that the other side has already, or that came from there. */
async function countPaired({ route, source, target }: ManyDeps, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const known = await target.bulk.read((reader) =>
    reader.findIdentities(keys.map((key) => identityKey(route, route.entity, key))),
  );
  const back = await source.bulk.read((reader) =>
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

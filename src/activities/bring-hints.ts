import { readEvent } from '../apply/apply-hint.ts';
import { applyHints, classOf } from '../apply/apply-many.ts';
import type { ManyDeps } from '../apply/apply-many.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { Outcome } from '../change/outcome.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import type { RetryLimits } from '../errors/policy.ts';
import type { Hint } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { refusePaused } from './hold.ts';
import { settleMany } from './settle-many.ts';
import type { Ending } from './settle-many.ts';
import { startSubjects } from './start-subjects.ts';

/** Pages of fewer rows say nothing of the others. */
const tellingRows = 20;
/** Errors that are the rows' own, or the mapping's: more of the same are to be expected. */
const lasting: ReadonlySet<ErrorClass> = new Set(['schema', 'constraint', 'data', 'bug']);

/** What came of rows that were brought as they are. */
export interface Brought {
  outcomes: Partial<Record<Outcome, number>>;
  /** Rows that go on in a `syncChange` of their own. */
  left: number;
}

/**
 * Brings rows of one entity as they are now, set-based. A row that fails by itself, or whose effects do, goes on in a `syncChange`;
 * where most of them fail it throws. Throws `unavailable` where the entity is paused. Doing it again changes nothing of what was done.
 */
export async function bringHints(
  deps: ActivityDeps,
  of: ManyDeps,
  hints: readonly Hint[],
  limits: RetryLimits,
): Promise<Brought> {
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
  return { outcomes, left: left.length };
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

/** What refuses most of a page is to be repaired once, not row by row. */
function assertMostlyFine(endings: readonly Ending[]): void {
  const failed = endings.filter(
    (ending) => ending.status === 'rejected' && lasting.has(classOf(ending) ?? 'bug'),
  );
  const [first] = failed;
  if (endings.length >= tellingRows && failed.length * 2 > endings.length && first?.status === 'rejected')
    throw first.reason;
}

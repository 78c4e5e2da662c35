import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { Database } from '../database/contract.ts';
import type { BulkDatabase } from '../database/grouped/bulk.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import { SyncError } from '../errors/sync-error.ts';
import { groupedDatabase } from '../database/grouped/grouped-database.ts';
import { transformChange } from '../pipeline/transform.ts';
import type { Hint } from '../temporal/messages.ts';
import { applyEvent } from './apply-event.ts';
import { applyHint } from './apply-hint.ts';
import { resolveIdentity } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { settledEvent } from './settled-event.ts';

/** What `applyEvent` needs, with databases that take many rows at once. */
export type ManyDeps = ApplyDeps & Record<'source' | 'target', BulkDatabase>;

type Group = (database: BulkDatabase) => Database;

/**
 * Applies events of one route as `applyEvent` does each of them, all at the same time: what they ask the databases for is
 * asked set-based, in few transactions. Each event has an ending of its own; events of one row take turns.
 */
export const applyMany = (
  deps: ManyDeps,
  events: readonly ChangeEvent[],
  group: Group = groupedDatabase,
): Promise<PromiseSettledResult<ApplyResult>[]> => applyAll(deps, events, applyOne, group);

/** `applyMany` of rows that are to be read. */
export const applyHints = (
  deps: ManyDeps,
  hints: readonly Hint[],
): Promise<PromiseSettledResult<ApplyResult>[]> => applyAll(deps, hints, applyHint, groupedDatabase);

/** So often what lost its locks to others is tried, together with whatever else did. */
const tries = 3;

async function applyAll<T>(
  deps: ManyDeps,
  items: readonly T[],
  apply: (deps: ApplyDeps, item: T) => Promise<ApplyResult>,
  group: Group,
): Promise<PromiseSettledResult<ApplyResult>[]> {
  const grouped = { ...deps, source: group(deps.source), target: group(deps.target) };
  const endings: PromiseSettledResult<ApplyResult>[] = [];
  let left = [...items.keys()];
  for (let attempt = 1; attempt <= tries && left.length > 0; attempt++) {
    const tried = await Promise.allSettled(left.map((index) => apply(grouped, items[index]!)));
    for (const [at, index] of left.entries()) endings[index] = tried[at]!;
    left = left.filter((index) => classOf(endings[index]!) === 'contention');
  }
  return endings;
}

/** Null for one that did not fail, or with an error nobody foresaw. */
export const classOf = (ending: PromiseSettledResult<ApplyResult>): ErrorClass | null =>
  ending.status === 'rejected' && ending.reason instanceof SyncError ? ending.reason.errorClass : null;

async function applyOne(deps: ApplyDeps, event: ChangeEvent): Promise<ApplyResult> {
  const [transformed, resolved] = await Promise.all([
    settledEvent(deps.source, deps.route, event).then((settled) => transformChange(deps.route, settled)),
    resolveIdentity(deps, event),
  ]);
  return applyEvent(deps, event, transformed, resolved);
}

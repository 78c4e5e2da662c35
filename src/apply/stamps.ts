import type { Row, Value } from '../change/value.ts';
import type { StoredRow } from '../database/contract.ts';
import { canonicalTimestamptz } from '../pipeline/canonical-time.ts';
import type { CompiledColumn, Route } from '../pipeline/route.ts';

/** Whether a row of the target is only kept, its source row being gone. */
export const isMarkedDeleted = ({ stamps }: Route, { values }: StoredRow): boolean =>
  stamps.deletedAt !== null && (values[stamps.deletedAt.name] ?? null) !== null;

/** Of a row that is new, or comes back. */
export const newStamps = (route: Route): Row => ({ ...route.stamps.constants, ...livingStamps(route, null) });

/** Of a row that changes. */
export const changedStamps = (route: Route): Row => livingStamps(route, undefined);

/** Of a row whose source row went at that time, ISO 8601. */
export const deletedStamps = (route: Route, at: string): Row => livingStamps(route, at);

function livingStamps({ stamps: { deletedAt, syncedAt } }: Route, deleted: string | null | undefined): Row {
  return {
    ...(deletedAt && deleted !== undefined && { [deletedAt.name]: deleted && timeOf(deletedAt, deleted) }),
    ...(syncedAt && { [syncedAt.name]: timeOf(syncedAt, new Date().toISOString()) }),
  };
}

/** A column without a zone holds UTC. */
function timeOf({ kind }: CompiledColumn, instant: string): Value {
  const text = canonicalTimestamptz(instant)!;
  return kind === 'timestamptz' ? text : text.replace(/Z$/, '');
}

import { readEvent } from '../apply/apply-hint.ts';
import { isUnclocked } from '../apply/unclocked/is-unclocked.ts';
import type { ManyDeps } from '../apply/apply-many.ts';
import type { ChangeEvent } from '../change/event.ts';
import { upcast } from '../change/upcast.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { SyncSubject } from '../temporal/messages.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';

/**
 * The route of an entity's events from a side, with both databases.
 * Throws `schema` where the pipeline has no such route (any more): the event stays open until it has.
 */
export function routeOf(deps: Pick<ActivityDeps, 'pipeline' | 'databases'>, subject: SyncSubject): ManyDeps {
  const { entity, source } = subjectFacts(subject);
  return applyDepsOf(deps, entity ?? '', source);
}

/** `routeOf` by the names of entity and side. */
export function applyDepsOf(
  { pipeline, databases }: Pick<ActivityDeps, 'pipeline' | 'databases'>,
  entity: string,
  source: string,
): ManyDeps {
  const route = pipeline.route(entity, source);
  if (!route)
    throw new SyncError('schema', `pipeline ${pipeline.name} does not bring ${entity} on from ${source}`);
  return {
    route,
    back: isUnclocked(route) ? pipeline.route(entity, route.target.side) : undefined,
    source: databaseOf(databases, route.source.side),
    target: databaseOf(databases, route.target.side),
  };
}

function databaseOf(databases: ActivityDeps['databases'], side: string) {
  const database = databases.get(side);
  if (!database) throw new Error(`no database is configured for side ${side}`);
  return database;
}

/** The subject's event, whichever build wrote it; that of a reference is read from its record, that of a hint from its row. */
export async function eventOf(deps: ActivityDeps, subject: SyncSubject): Promise<ChangeEvent> {
  if (subject.kind === 'event') return upcast(subject.event);
  if (subject.kind === 'hint') {
    const { route, source } = routeOf(deps, subject);
    return readEvent(route, subject, await source.findRow(route.source, subject.key));
  }
  const event = await deps.records.readRecord(subject.reference, subject.eventId);
  if (event.event_id !== subject.eventId)
    throw new Error('the record at this offset is of another event: the topic was made anew');
  return event;
}

import type { CompiledPipeline } from '../pipeline/route.ts';
import type { PauseScope } from '../temporal/pause.ts';
import { topicOf, topicsOf } from './topic-names.ts';

/** A side as it is read: its topics as configured, and the database that names those that are not. */
export interface ReadSide {
  pipeline: CompiledPipeline;
  side: string;
  topics: readonly string[] | null;
  database: string;
}

/**
 * The topics of a side that are not to be read while these are paused. Of an entity the topic of its table, where the side
 * has one of that name; a topic of another name may carry any entity, so it waits for each of them.
 */
export function pausedTopics(
  { pipeline, side, topics, database }: ReadSide,
  scopes: readonly PauseScope[],
): readonly string[] {
  const compiled = pipeline.sides.get(side)!;
  const all = topicsOf({ ...compiled, topics }, database);
  const own = new Set(compiled.tables.map((table) => topicOf(table, database)));
  const stopped = (scope: PauseScope): readonly string[] => {
    if (scope.kind === 'pipeline') return all;
    if (scope.kind === 'side') return scope.side === side ? all : [];
    const route = pipeline.route(scope.entity, side);
    if (!route) return [];
    const topic = topicOf(route.source, database);
    return all.filter((each) => each === topic || !own.has(each));
  };
  return [...new Set(scopes.flatMap(stopped))];
}

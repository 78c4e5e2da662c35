import { topicsOf } from '../ingest/topic-names.ts';
import type { CompiledPipeline, CompiledSide, Route } from '../pipeline/route.ts';
import type { SideSettings } from './config/sides.ts';

export const databaseName = ({ databaseUrl }: Pick<SideSettings, 'databaseUrl'>): string =>
  new URL(databaseUrl).pathname.slice(1);

/** The topics a side is read from, as configured; none where its changes come in a queue. */
export const sideTopics = (side: CompiledSide, settings: SideSettings): string[] =>
  settings.feed === 'sqs' ? [] : topicsOf({ ...side, topics: settings.topics }, databaseName(settings));

/** The topics of a side, of those for one table each, all of whose rows refer to others and are referred to by none: only a child's, never a parent's. */
export function childTopics(pipeline: CompiledPipeline, settings: SideSettings): string[] {
  const side = pipeline.sides.get(settings.name)!;
  const routes = pipeline.routes.filter(({ source }) => source.side === side.name);
  const topicsOfRoutes = (which: (route: Route) => boolean) =>
    sideTopics({ ...side, tables: routes.filter(which).map(({ source }) => source) }, settings);
  const isChild = ({ columns, referencedBy }: Route) =>
    referencedBy.length === 0 && columns.some(({ references }) => references !== null);
  const others = new Set(topicsOfRoutes((route) => !isChild(route)));
  return topicsOfRoutes(isChild).filter((topic) => !others.has(topic));
}

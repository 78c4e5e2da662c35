import type { CompiledPipeline } from '../../pipeline/route.ts';
import type { SideSettings } from '../config/sides.ts';
import { sideTopics } from '../side-topics.ts';
import type { StreamSource } from './streams.ts';

/** The streams of a pipeline's sides. An entity's topic is known by its name where topics are not configured. */
export function streamSources(
  pipeline: CompiledPipeline,
  sides: ReadonlyMap<string, SideSettings>,
): StreamSource[] {
  return [...pipeline.sides.values()].flatMap((side) => {
    const settings = sides.get(side.name);
    const routes = pipeline.routes.filter(({ source }) => source.side === side.name);
    if (!settings || routes.length === 0) return [];
    const all = sideTopics(side, settings);
    const topics = new Map(
      routes.map(({ entity, source }) => {
        const own = sideTopics({ ...side, tables: [source] }, settings);
        return [entity, own.length < all.length ? own : all] as const;
      }),
    );
    return [{ side: side.name, connector: side.connector, groupId: settings.groupId, topics }];
  });
}

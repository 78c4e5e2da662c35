import type { SqsQueue } from '../../ingest/sqs/queue.ts';
import type { CompiledPipeline } from '../../pipeline/route.ts';
import type { SideSettings } from '../config/sides.ts';
import { sideTopics } from '../side-topics.ts';
import type { StreamSource } from './streams.ts';

/** The streams of a pipeline's sides. An entity's topic is known by its name where topics are not configured. */
export function streamSources(
  pipeline: CompiledPipeline,
  sides: ReadonlyMap<string, SideSettings>,
  openQueue: (url: string) => Pick<SqsQueue, 'state'>,
): StreamSource[] {
  return [...pipeline.sides.values()].flatMap((side): StreamSource[] => {
    const settings = sides.get(side.name);
    const routes = pipeline.routes.filter(({ source }) => source.side === side.name);
    if (!settings || routes.length === 0) return [];
    if (settings.queueUrl !== null) {
      const queue = openQueue(settings.queueUrl);
      const entities = routes.map(({ entity }) => entity);
      return [{ side: side.name, entities, messages: async () => (await queue.state()).messages }];
    }
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

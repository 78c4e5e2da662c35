import type { Logger } from 'pino';
import { DaprPubSub } from '../effects/dapr.ts';
import type { EventBus } from '../effects/event-bus.ts';
import { RedisStreams } from '../effects/redis-streams.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Settings } from './config/settings.ts';

/** Whether the pipeline is made to publish anything. */
export const publishes = (pipeline: CompiledPipeline): boolean =>
  pipeline.entities.some((entity) => pipeline.effects(entity).some(isPublication));

/** The bus a pipeline publishes to; null where it publishes nothing, or nothing is to be published. */
export function eventBusOf(
  pipeline: CompiledPipeline,
  { eventBus, redisUrl, daprEndpoint, pubsubName }: Settings,
  log: Logger,
): EventBus | null {
  if (!publishes(pipeline) || eventBus === 'none') return null;
  if (eventBus === 'dapr') return new DaprPubSub({ endpoint: daprEndpoint, pubsubName });
  const onTrouble = ({ message }: Error) => log.warn({ error: message }, 'the event bus is away');
  return new RedisStreams({ url: redisUrl, pubsubName, onTrouble });
}

/** The pipeline without what it would publish. */
export const withoutPublications = (pipeline: CompiledPipeline): CompiledPipeline => ({
  ...pipeline,
  effects: (entity) => pipeline.effects(entity).filter((effect) => !isPublication(effect)),
});

const isPublication = (effect: object) => 'topic' in effect;

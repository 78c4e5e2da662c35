import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { DaprPubSub } from '../effects/dapr.ts';
import type { EventBus } from '../effects/event-bus.ts';
import { EveryBus } from '../effects/every-bus.ts';
import { changesTopic, KafkaChanges } from '../effects/kafka-changes.ts';
import { KafkaProducer } from '../effects/kafka-producer.ts';
import { RedisStreams } from '../effects/redis-streams.ts';
import { ensureTopics } from '../ingest/kafka/topics.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { redisServer } from './config/redis.ts';
import type { Settings } from './config/settings.ts';
import { changeTopic } from './feeds.ts';

/** Whether the pipeline is made to publish anything. */
export const publishes = (pipeline: CompiledPipeline): boolean =>
  pipeline.entities.some((entity) => isPublished(pipeline, entity));

/**
 * The buses a pipeline publishes to, as one; null where it publishes nothing, or nothing is to be published. Waits without
 * limit for Kafka where it is one of them.
 */
export async function openEventBus(
  pipeline: CompiledPipeline,
  settings: Settings,
  kafka: Kafka,
  log: Logger,
  signal: AbortSignal,
): Promise<EventBus | null> {
  if (!publishes(pipeline) || settings.eventBus.includes('none')) return null;
  const onTrouble = ({ message }: Error) => log.warn({ error: message }, 'the event bus is away');
  const buses = [...ownBuses(settings, onTrouble).values()];
  if (settings.eventBus.includes('kafka')) {
    const topics = publishedTables(pipeline).map(changesTopic);
    await ensureTopics(kafka, new Map(topics.map((topic) => [topic, changeTopic(settings)])), log, signal);
    buses.push(new KafkaChanges(new KafkaProducer(kafka)));
  }
  return new EveryBus(buses);
}

/** The buses that are servers of their own, by their names. */
export function ownBuses(settings: Settings, onTrouble: (error: Error) => void): Map<string, EventBus> {
  const { eventBus, daprEndpoint: endpoint, pubsubName } = settings;
  const server = redisServer(settings);
  const buses = new Map<string, EventBus>();
  if (eventBus.includes('redis')) buses.set('Redis', new RedisStreams({ server, pubsubName, onTrouble }));
  if (eventBus.includes('dapr')) buses.set('Dapr', new DaprPubSub({ endpoint, pubsubName }));
  return buses;
}

/** The pipeline without what it would publish. */
export const withoutPublications = (pipeline: CompiledPipeline): CompiledPipeline => ({
  ...pipeline,
  effects: (entity) => pipeline.effects(entity).filter((effect) => !isPublication(effect)),
});

/** The tables whose changes are published. */
export const publishedTables = (pipeline: CompiledPipeline): string[] =>
  pipeline.routes.filter(({ entity }) => isPublished(pipeline, entity)).map(({ source }) => source.name);

const isPublication = (effect: object) => 'topic' in effect;
const isPublished = (pipeline: CompiledPipeline, entity: string) =>
  pipeline.effects(entity).some(isPublication);

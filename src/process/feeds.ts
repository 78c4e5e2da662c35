import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { ChangeFeed } from '../ingest/change-feed.ts';
import type { IngesterOptions } from '../ingest/ingester.ts';
import { KafkaFeed } from '../ingest/kafka/consumer.ts';
import { Retention } from '../ingest/kafka/retention.ts';
import { RewindMarks } from '../ingest/kafka/rewind.ts';
import type { TopicSettings } from '../ingest/kafka/topics.ts';
import type { IngestObserver } from '../ingest/observer.ts';
import { createSqs, queueNameOf } from '../ingest/sqs/client.ts';
import { SqsFeed } from '../ingest/sqs/feed.ts';
import { SqsQueue } from '../ingest/sqs/queue.ts';
import type { Health } from '../observability/health.ts';
import type { CompiledSide } from '../pipeline/route.ts';
import type { Settings } from './config/settings.ts';
import type { SideSettings } from './config/sides.ts';
import { sqsConnection } from './config/sqs.ts';
import { sideTopics } from './side-topics.ts';

export const changeTopic = (settings: Settings): TopicSettings => ({
  partitions: settings.topicPartitions,
  retentionMs: settings.topicRetentionDays * 86_400_000,
  maxMessageBytes: settings.maxMessageBytes,
});

/** Records of topics taken in hand at a time: enough for batches to fill on several partitions. */
const recordsAtOnce = 2000;

/** Messages of a queue: enough for a batch, and few enough that what a pause gives back is not received too often. */
const messagesAtOnce = 500;

export interface FeedContext {
  settings: Settings;
  kafka: Kafka;
  health: Health;
  log: Logger;
}

/** Where a side's changes come from, and what only that place can tell of a record. */
export interface SideFeed extends Pick<IngesterOptions, 'expiry' | 'rewound'> {
  feed: ChangeFeed;
  /** What the feed reads, by the names its records carry; null: a topic for each table. */
  topics: readonly string[] | null;
}

/** The feed a side is configured with, not started. */
export const createFeed = (
  context: FeedContext,
  compiled: CompiledSide,
  side: SideSettings,
  observer: Pick<IngestObserver, 'batchRead' | 'lag'>,
): SideFeed =>
  side.queueUrl === null
    ? kafkaFeed(context, compiled, side, observer)
    : sqsFeed(context, side, side.queueUrl, observer);

function kafkaFeed(
  { settings, kafka, log }: FeedContext,
  compiled: CompiledSide,
  side: SideSettings,
  observer: Pick<IngestObserver, 'batchRead' | 'lag'>,
): SideFeed {
  const topics = sideTopics(compiled, side);
  const marks = new RewindMarks(kafka, side.groupId, topics);
  const retention = new Retention(kafka);
  const feed = new KafkaFeed({
    kafka,
    groupId: side.groupId,
    topics: new Map(topics.map((topic) => [topic, changeTopic(settings)])),
    concurrency: recordsAtOnce,
    onBatch: (records) => observer.batchRead(records),
    onLag: (partitions) => observer.lag(partitions),
    log,
  });
  return {
    feed,
    topics: side.topics,
    expiry: (record) => retention.expiry(record),
    rewound: (record, signal) => marks.cover(record, signal),
  };
}

/** A message is gone once it is acknowledged, so nobody can set a queue back, and a dead letter holds all of its record. */
function sqsFeed(
  { settings, health, log }: FeedContext,
  side: SideSettings,
  url: string,
  observer: Pick<IngestObserver, 'batchRead' | 'lag'>,
): SideFeed {
  const queue = new SqsQueue(createSqs(sqsConnection(settings)), url);
  health.registerCheck(`queue_${side.name}`, async (signal) => void (await queue.state(signal)));
  const feed = new SqsFeed({
    queue,
    capacity: messagesAtOnce,
    onBatch: (records) => observer.batchRead(records),
    onLag: (partitions) => observer.lag(partitions),
    log,
  });
  return {
    feed,
    topics: [queueNameOf(url)],
    expiry: () => Promise.resolve(null),
    rewound: () => Promise.resolve(false),
  };
}

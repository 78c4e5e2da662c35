import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import type { Admin, Consumer, Kafka, KafkaMessage } from 'kafkajs';
import { SyncError } from '../../errors/sync-error.ts';
import type { RecordReference } from '../../temporal/messages.ts';
import type { FeedRecord } from '../change-feed.ts';
import { feedRecord } from './feed-record.ts';

/** kafkajs reads only as a group: each reading is a group of its own, deleted afterwards. Grant groups by this prefix. */
export const readerGroupPrefix = 'tandem-read-';

type Place = Pick<RecordReference, 'topic' | 'partition' | 'offset'>;

/**
 * Reads the one record at a place. Throws `SyncError`: `data` where it is gone (retention, compaction) or never was,
 * `unavailable` where Kafka cannot be reached or does not deliver it within `timeoutMs`.
 */
export async function readRecord(kafka: Kafka, at: Place, timeoutMs = 30_000): Promise<FeedRecord> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const others = await locate(admin, at);
    const message = await fetchOne(kafka, admin, at, others, timeoutMs);
    return feedRecord({ ...at, highWatermark: at.offset }, message);
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw new SyncError('unavailable', `Kafka does not deliver ${placeText(at)}`, {
      cause: error,
      code: error instanceof kafkajs.KafkaJSError ? error.name : undefined,
    });
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

const placeText = ({ topic, partition, offset }: Place) =>
  `record ${offset} of ${topic}, partition ${partition}`;

const gone = (at: Place) =>
  new SyncError('data', `${placeText(at)} is gone: the topic no longer keeps it`, { code: 'record_gone' });

/** Checks that the place exists; returns the topic's other partitions. */
async function locate(admin: Admin, at: Place): Promise<number[]> {
  if (!(await admin.listTopics()).includes(at.topic)) throw gone(at);
  const partitions = await admin.fetchTopicOffsets(at.topic);
  const own = partitions.find(({ partition }) => partition === at.partition);
  if (own === undefined || BigInt(at.offset) < BigInt(own.low)) throw gone(at);
  if (BigInt(at.offset) >= BigInt(own.high))
    throw new SyncError('data', `${placeText(at)} does not exist: the topic ends before it`, {
      code: 'record_missing',
    });
  return partitions.map(({ partition }) => partition).filter((partition) => partition !== at.partition);
}

async function fetchOne(
  kafka: Kafka,
  admin: Admin,
  at: Place,
  others: number[],
  timeoutMs: number,
): Promise<KafkaMessage> {
  const groupId = `${readerGroupPrefix}${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500, allowAutoTopicCreation: false });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [at.topic], fromBeginning: true });
    return await firstFrom(consumer, at, others, timeoutMs);
  } finally {
    await consumer.disconnect().catch(() => {});
    await admin.deleteGroups([groupId]).catch(() => {});
  }
}

/** The record at the place; the fetch begins there, so whatever comes first at a later offset shows that it is gone. */
async function firstFrom(
  consumer: Consumer,
  at: Place,
  others: number[],
  timeoutMs: number,
): Promise<KafkaMessage> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<KafkaMessage>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new SyncError('unavailable', `Kafka does not deliver ${placeText(at)}`, { code: 'timeout' }));
      }, timeoutMs);
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        reject(payload.error);
      });
      const running = consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: ({ batch }) => {
          const first = batch.messages.find(({ offset }) => BigInt(offset) >= BigInt(at.offset));
          if (batch.partition === at.partition && first !== undefined)
            if (first.offset === at.offset) resolve(first);
            else reject(gone(at));
          return Promise.resolve();
        },
      });
      // `run` has made the group by now and not yet fetched, so that the first fetch is the right one.
      consumer.pause([{ topic: at.topic, partitions: others }]);
      consumer.seek({ topic: at.topic, partition: at.partition, offset: at.offset });
      running.catch(reject);
    });
  } finally {
    clearTimeout(timer);
  }
}

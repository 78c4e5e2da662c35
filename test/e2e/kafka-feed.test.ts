import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Admin, Kafka, Producer } from 'kafkajs';
import { pino } from 'pino';
import type { RecordHandler } from '../../src/ingest/change-feed.ts';
import { createKafka } from '../../src/ingest/kafka/client.ts';
import { KafkaFeed, type KafkaFeedOptions } from '../../src/ingest/kafka/consumer.ts';
import { readRecord } from '../../src/ingest/kafka/read-record.ts';
import { Retention } from '../../src/ingest/kafka/retention.ts';
import { changeTopicSettings } from '../../src/ingest/kafka/topics.ts';
import { eventually } from '../support/eventually.ts';
import { Proxy } from '../support/proxy.ts';
import { testAddresses } from '../support/test-stack.ts';

const brokers = (testAddresses()['KAFKA_BROKERS'] ?? '').split(',');
const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
let kafka: Kafka;
let admin: Admin;
let producer: Producer;
const feeds: KafkaFeed[] = [];

beforeAll(async () => {
  kafka = createKafka({ brokers, clientId: 'test' }, log);
  admin = kafka.admin();
  producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
});

afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
});

afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()]);
});

const place = () => ({ topic: `feed-${randomUUID()}`, groupId: `feed-${randomUUID()}` });

function feedOf(of: { topic: string; groupId: string }, own: Partial<KafkaFeedOptions> = {}): KafkaFeed {
  const feed = new KafkaFeed({
    kafka,
    groupId: of.groupId,
    topics: new Map([[of.topic, changeTopicSettings]]),
    concurrency: 16,
    sessionTimeoutMs: 6000,
    log,
    ...own,
  });
  feeds.push(feed);
  return feed;
}

async function send(topic: string, from: number, to: number, partition?: number): Promise<void> {
  const messages = [...Array(to - from).keys()].map((index) => ({
    key: String(from + index),
    value: `row ${from + index}`,
    headers: { 'tandem.epoch': '7' },
    ...(partition === undefined ? {} : { partition }),
  }));
  await producer.send({ topic, messages });
}

async function committed(of: { topic: string; groupId: string }): Promise<number[]> {
  const [answer] = await admin.fetchOffsets({ groupId: of.groupId, topics: [of.topic] });
  return (answer?.partitions ?? [])
    .toSorted((a, b) => a.partition - b.partition)
    .map(({ offset }) => Number(offset));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + Math.max(each, 0), 0);

test('makes a topic that is missing, delivers everything in it with its headers, commits it, and stops idle', async () => {
  const of = place();
  const seen = new Map<string, Readonly<Record<string, string>>>();
  const feed = feedOf(of);
  await feed.start(({ key, headers }) => {
    seen.set(String(key), headers);
    return Promise.resolve();
  });
  await send(of.topic, 0, 100);
  await eventually('all records', () => seen.size === 100);
  expect(seen.get('3')).toEqual({ 'tandem.epoch': '7' });
  await eventually('all commits', async () => sum(await committed(of)) === 100);
  await eventually('no lag', () => feed.position().lagRecords === 0);
  expect(feed.position().partitions).toBe(3);
});

test('commits nothing past a record that hangs; after a crash it comes again, with what follows it', async () => {
  const of = place();
  const first = new Set<string>();
  const hanging: RecordHandler = ({ key }, signal) => {
    if (String(key) !== '4') {
      first.add(String(key));
      return Promise.resolve();
    }
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  };
  const crashed = feedOf(of);
  await crashed.start(hanging);
  await send(of.topic, 0, 10, 0);
  await eventually('the others', () => first.size === 9);
  await eventually('the prefix', async () => (await committed(of))[0] === 4);
  await crashed.stop();
  expect((await committed(of))[0]).toBe(4);

  const second = new Set<string>();
  await feedOf(of).start(({ key }) => {
    second.add(String(key));
    return Promise.resolve();
  });
  await eventually('the rest', () => second.size === 6);
  expect([...second].toSorted()).toEqual(['4', '5', '6', '7', '8', '9']);
});

test('two members share the partitions; one that leaves in the middle of its work loses no record', async () => {
  const of = place();
  const done = new Map<string, number>();
  let underWay = 0;
  const slow: RecordHandler = async ({ key }, signal) => {
    underWay++;
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay--;
    if (signal.aborted) throw new Error('aborted');
    done.set(String(key), (done.get(String(key)) ?? 0) + 1);
  };
  const first = feedOf(of, { concurrency: 4 });
  await first.start(slow);
  await send(of.topic, 0, 600);
  await eventually('a beginning', () => done.size > 50);
  const second = feedOf(of, { concurrency: 4 });
  await second.start(slow);
  await eventually(
    'shared partitions',
    () => first.position().partitions < 3 && second.position().partitions > 0,
  );
  await send(of.topic, 600, 1200);
  await eventually('work under way', () => underWay > 0);
  await first.stop();
  await eventually('every record', () => done.size === 1200, 60_000);
  await eventually('every commit', async () => sum(await committed(of)) === 1200);
});

test('paused it takes nothing new and still counts its lag; resumed it goes on', async () => {
  const of = place();
  const seen = new Set<string>();
  const feed = feedOf(of, { concurrency: 1 });
  await feed.start(({ key }) => {
    seen.add(String(key));
    if (seen.size === 5) feed.pause('test');
    return Promise.resolve();
  });
  await send(of.topic, 0, 50, 1);
  await eventually('the lag of what was left', () => feed.position().lagRecords === 45);
  expect(seen.size).toBe(5);
  expect(feed.position().paused).toBe(true);
  feed.resume('test');
  await eventually('the rest', () => seen.size === 50);
});

test('a topic that is held waits while another is read, and until no cause holds it', async () => {
  const of = place();
  const children = `children-${randomUUID()}`;
  const seen: string[] = [];
  const feed = feedOf(of, {
    topics: new Map([
      [of.topic, changeTopicSettings],
      [children, changeTopicSettings],
    ]),
  });
  feed.pause('one', [children]);
  await feed.start(({ topic, key }) => {
    seen.push(`${topic === children ? 'child' : 'parent'} ${String(key)}`);
    return Promise.resolve();
  });
  feed.pause('another', [children]);
  await send(children, 0, 1);
  await send(of.topic, 0, 1);
  await eventually('the parent', () => seen.length === 1);
  feed.resume('another');
  await send(of.topic, 1, 2);
  await eventually('the next parent', () => seen.length === 2);
  await eventually('the lag', () => feed.position().lagRecords === 1);
  expect(seen).toEqual(['parent 0', 'parent 1']);
  expect(feed.position()).toMatchObject({ paused: false, heldTopics: [children] });
  feed.resume('one', [children]);
  await eventually('the child', () => seen.includes('child 0'));
});

test('a defect of the handler stops the feed and is reported; what stands before it is committed', async () => {
  const of = place();
  const feed = feedOf(of);
  await feed.start(({ key }) =>
    String(key) === '3' ? Promise.reject(new TypeError('defect')) : Promise.resolve(),
  );
  await send(of.topic, 0, 10, 0);
  await expect(feed.failed).rejects.toThrow('defect');
  await feed.stop();
  expect((await committed(of))[0]).toBe(3);
});

test('waits for a broker that is away at its start', async () => {
  const of = place();
  await admin.createTopics({ topics: [{ topic: of.topic, numPartitions: 1 }] });
  await using door = await Proxy.before(brokers[0] ?? '');
  const warnings: string[] = [];
  const feed = feedOf(of, {
    kafka: createKafka({ brokers: [door.address], clientId: 'early' }, pino({ level: 'silent' })),
    log: pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) }),
  });
  const seen: string[] = [];
  const started = feed.start(({ key }) => {
    seen.push(String(key));
    return Promise.resolve();
  });
  await eventually('a warning', () => warnings.some((line) => line.includes('waiting for Kafka')));
  await door.open();
  await started;
  await send(of.topic, 0, 1);
  await eventually('the record', () => seen.length === 1);
});

test('reads one record by its place, and says so when it is gone or never was', async () => {
  const { topic } = place();
  await admin.createTopics({
    topics: [{ topic, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '86400000' }] }],
  });
  await send(topic, 0, 20, 1);
  const record = await readRecord(kafka, { topic, partition: 1, offset: '13' });
  expect([String(record.value), record.offset, record.headers]).toEqual([
    'row 13',
    '13',
    { 'tandem.epoch': '7' },
  ]);
  expect(await new Retention(kafka).expiry(record)).toBe(
    new Date(record.timestamp + 86_400_000).toISOString(),
  );
  await expect(readRecord(kafka, { topic, partition: 1, offset: '20' })).rejects.toMatchObject({
    errorClass: 'data',
    code: 'record_missing',
  });
  // kafkajs finds the leader only of topics this client has looked at.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '14' }] });
  await expect(readRecord(kafka, { topic, partition: 1, offset: '13' })).rejects.toMatchObject({
    errorClass: 'data',
    code: 'record_gone',
  });
  const { groups } = await admin.listGroups();
  expect(groups.filter(({ groupId }) => groupId.startsWith('tandem-read-'))).toEqual([]);
});

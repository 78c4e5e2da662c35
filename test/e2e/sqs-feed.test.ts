import { afterEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { NotTaken } from '../../src/ingest/change-feed.ts';
import type { FeedRecord, RecordHandler } from '../../src/ingest/change-feed.ts';
import { createSqs, queueNameOf } from '../../src/ingest/sqs/client.ts';
import { SqsFeed } from '../../src/ingest/sqs/feed.ts';
import type { SqsFeedOptions } from '../../src/ingest/sqs/feed.ts';
import { SqsQueue } from '../../src/ingest/sqs/queue.ts';
import { eventually } from '../support/eventually.ts';
import { gate } from '../support/gate.ts';
import { Proxy } from '../support/proxy.ts';
import { TestQueue, testSqs } from '../support/test-queue.ts';
import { testAddresses } from '../support/test-stack.ts';

const silent = pino({ level: 'silent' });
const feeds: SqsFeed[] = [];

afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.stop()));
});

function feedOf(url: string, own: Partial<SqsFeedOptions> = {}): SqsFeed {
  const feed = new SqsFeed({ queue: new SqsQueue(testSqs(), url), capacity: 500, log: silent, ...own });
  feeds.push(feed);
  return feed;
}

const bodies = (from: number, to: number) =>
  [...Array(to - from).keys()].map((index) => `row ${from + index}`);

/** Takes nothing until the feed stops. */
const hanging =
  (seen: string[]): RecordHandler =>
  ({ value }, signal) => {
    seen.push(String(value));
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  };

const collecting =
  (seen: string[]): RecordHandler =>
  ({ value }) => {
    seen.push(String(value));
    return Promise.resolve();
  };

test('delivers everything with its place and its attributes, and deletes it', async () => {
  await using queue = await TestQueue.make();
  const seen: FeedRecord[] = [];
  const batches: number[] = [];
  const feed = feedOf(queue.url, { onBatch: (records) => batches.push(records) });
  await feed.start((record) => {
    seen.push(record);
    return Promise.resolve();
  });
  await queue.send(bodies(0, 100), { 'tandem.epoch': '7' });
  await eventually('all messages', () => seen.length === 100);
  await eventually('an empty queue', async () => (await queue.messages()) === 0);
  expect(new Set(seen.map(({ value }) => String(value))).size).toBe(100);
  expect(new Set(seen.map(({ offset }) => offset)).size).toBe(100);
  expect(seen[0]).toMatchObject({
    topic: queueNameOf(queue.url),
    partition: 0,
    key: null,
    headers: { 'tandem.epoch': '7' },
  });
  expect(Math.abs(Date.now() - seen[0]!.timestamp)).toBeLessThan(120_000);
  expect(batches.reduce((sum, each) => sum + each, 0)).toBe(100);
  await eventually('no lag', () => feed.position().lagRecords === 0);
  expect(feed.position()).toMatchObject({ partitions: 1, leads: true, paused: false });
});

test('deletes nothing before its handler has resolved, however long that takes', async () => {
  await using queue = await TestQueue.make(2);
  const slow = gate();
  const seen: string[] = [];
  const feed = feedOf(queue.url);
  await feed.start(async ({ value }) => {
    seen.push(String(value));
    await slow.opened;
  });
  const other: string[] = [];
  await queue.send(bodies(0, 12));
  await eventually('all messages', () => seen.length === 12);
  await feedOf(queue.url).start(collecting(other));
  const since = Date.now();
  await eventually('three times as long as they are hidden', () => Date.now() - since > 6000);
  expect(await queue.messages()).toBe(12);
  expect(seen).toHaveLength(12);
  expect(other).toEqual([]);
  slow.open();
  await eventually('an empty queue', async () => (await queue.messages()) === 0);
  expect(seen).toHaveLength(12);
});

test('what a process had in hand when it stopped comes to another at once', async () => {
  await using queue = await TestQueue.make(600);
  const first: string[] = [];
  const stopped = feedOf(queue.url);
  await stopped.start(hanging(first));
  await queue.send(bodies(0, 25));
  await eventually('all in hand', () => first.length === 25);
  await stopped.stop();
  expect(await queue.messages()).toBe(25);
  const second: string[] = [];
  await feedOf(queue.url).start(collecting(second));
  await eventually('all again', () => second.length === 25);
  expect(second.toSorted()).toEqual(bodies(0, 25).toSorted());
});

test('what a process had in hand when it died comes again once its time is over', async () => {
  await using queue = await TestQueue.make(2);
  await queue.send(bodies(0, 10));
  // Received, and never heard of again.
  const lost = await queue.queue.receive(
    { waitSeconds: 5, visibilitySeconds: 2 },
    new AbortController().signal,
  );
  const seen: string[] = [];
  await feedOf(queue.url).start(collecting(seen));
  await eventually('all of them', () => seen.length === 10);
  expect(lost.length).toBeGreaterThan(0);
  await eventually('an empty queue', async () => (await queue.messages()) === 0);
});

test('a defect of the handler stops the feed and is reported; its message is kept, what resolved is deleted', async () => {
  await using queue = await TestQueue.make(2);
  const feed = feedOf(queue.url);
  await feed.start(({ value }) =>
    String(value) === 'row 3' ? Promise.reject(new TypeError('defect')) : Promise.resolve(),
  );
  await queue.send(bodies(0, 10));
  await expect(feed.failed).rejects.toThrow('defect');
  await feed.stop();
  const left: string[] = [];
  expect(await queue.messages()).toBeGreaterThanOrEqual(1);
  await feedOf(queue.url).start(collecting(left));
  await eventually('the message', () => left.includes('row 3'));
});

test('paused it takes nothing new and still counts its lag; resumed it goes on', async () => {
  await using queue = await TestQueue.make(2);
  const seen: string[] = [];
  const feed = feedOf(queue.url);
  feed.pause('one');
  feed.pause('another', [queueNameOf(queue.url)]);
  await feed.start(collecting(seen));
  await queue.send(bodies(0, 30));
  await eventually('the lag', () => feed.position().lagRecords === 30);
  expect(feed.position()).toMatchObject({ paused: true, heldTopics: [queueNameOf(queue.url)] });
  feed.resume('one');
  await eventually('another look at the lag', () => Date.now() - (feed.position().lagKnownAt ?? 0) < 100);
  expect(seen).toEqual([]);
  feed.resume('another');
  await eventually('all messages', () => seen.length === 30);
});

test('a message that is not taken comes again, after a rest', async () => {
  await using queue = await TestQueue.make(600);
  const times: number[] = [];
  const feed = feedOf(queue.url);
  await feed.start(() => {
    times.push(Date.now());
    return times.length < 3 ? Promise.reject(new NotTaken()) : Promise.resolve();
  });
  await queue.send(['row']);
  await eventually('an empty queue', async () => (await queue.messages()) === 0);
  expect(times).toHaveLength(3);
  expect(times[2]! - times[0]!).toBeGreaterThanOrEqual(1900);
});

test('takes no more in hand than it may', async () => {
  await using queue = await TestQueue.make();
  const first = gate();
  let inHand = 0;
  let most = 0;
  const seen: string[] = [];
  const feed = feedOf(queue.url, { capacity: 20 });
  await feed.start(async ({ value }) => {
    most = Math.max(most, ++inHand);
    await first.opened;
    inHand--;
    seen.push(String(value));
  });
  await queue.send(bodies(0, 100));
  // A receive may bring less than it could, and one that has no room for all of it is not begun.
  await eventually('a full hand', () => inHand > 10);
  await eventually('a look at the lag', () => feed.position().lagRecords === 100);
  first.open();
  await eventually('all messages', () => seen.length === 100);
  expect(most).toBeGreaterThan(10);
  expect(most).toBeLessThanOrEqual(20);
});

test('waits for a server that is away, and for a queue that does not exist', async () => {
  const name = `late-${randomUUID()}`;
  const endpoint = new URL(testAddresses()['SQS_ENDPOINT']!);
  await using door = await Proxy.before(endpoint.host);
  const url = `${endpoint.origin}/000000000000/${name}`;
  const warnings: string[] = [];
  const client = createSqs({
    region: 'us-east-1',
    endpoint: `http://${door.address}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const seen: string[] = [];
  const feed = feedOf(url, {
    queue: new SqsQueue(client, url),
    log: pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) }),
  });
  const started = feed.start(collecting(seen));
  await eventually('a warning', () => warnings.some((line) => line.includes('waiting for SQS')));
  await door.open();
  await eventually('another', () => warnings.some((line) => line.includes(`queue ${name} does not exist`)));
  await using queue = await TestQueue.make(30, name);
  await started;
  await queue.send(['row']);
  await eventually('the message', () => seen.length === 1);
  await feed.stop();
});

import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { ChangeFeed, RecordHandler } from '../../src/ingest/change-feed.ts';
import { NotRewound, rewindGroup } from '../../src/ingest/kafka/rewind.ts';
import { eventually } from '../support/eventually.ts';
import { IngestWorld, type Told } from '../support/ingest-world.ts';
import { Proxy } from '../support/proxy.ts';
import { testAddresses } from '../support/test-stack.ts';

const range = (from: number, to: number) => [...Array(to - from).keys()].map((index) => from + index);

/**
 * A feed whose process dies between Temporal's answer and the commit: the handler finishes, its feed never hears of it.
 * Records have to be there before it starts: kafkajs fetches no more from a broker until what it fetched has ended.
 */
const dyingBeforeCommit = (feed: ChangeFeed): ChangeFeed => ({
  start: (handler: RecordHandler) =>
    feed.start(async (record, signal) => {
      await handler(record, signal);
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('died'));
        });
      });
    }),
  pause: (...of) => {
    feed.pause(...of);
  },
  resume: (...of) => {
    feed.resume(...of);
  },
  stop: () => feed.stop(),
  position: () => feed.position(),
  failed: feed.failed,
  heldValueBytes: feed.heldValueBytes,
});

/** What was started, each event once: a slow machine may lose its partitions for a moment and be given them again. */
const idsOf = ({ started }: Told) => [...new Set(started.map(({ eventId }) => eventId))].toSorted();

test('a crash between start and commit starts nothing twice', async () => {
  await using world = await IngestWorld.open();
  const dying = world.ingester({ feed: dyingBeforeCommit(world.feed()) });
  await world.send(...range(0, 10).map((id) => world.insertOf(id)));
  await dying.ingester.start();
  await eventually('all starts', () => idsOf(dying.told).length === 10);
  await dying.ingester.stop();
  expect(await world.committed()).toBe(0);

  const next = world.ingester();
  await next.ingester.start();
  await eventually('all starts again', () => idsOf(next.told).length === 10);
  await eventually('all commits', async () => (await world.committed()) === 10);
  expect(idsOf(next.told)).toEqual(idsOf(dying.told));
  expect((await world.executions(10)).toSorted()).toEqual(idsOf(next.told));
});

test('an event that was applied long ago is acknowledged and not started again, nor from a mirrored topic', async () => {
  await using world = await IngestWorld.open();
  const dying = world.ingester({ feed: dyingBeforeCommit(world.feed()) });
  await world.send(...range(0, 3).map((id) => world.insertOf(id)));
  await dying.ingester.start();
  await eventually('all starts', () => idsOf(dying.told).length === 3);
  await dying.ingester.stop();
  await world.complete(3);

  const next = world.ingester();
  await next.ingester.start();
  await eventually('all commits', async () => (await world.committed()) === 3);
  expect(idsOf(next.told)).toHaveLength(3);
  const elsewhere = world.ingester({
    feed: await world.mirror(...range(0, 3).map((id) => world.insertOf(id))),
  });
  await elsewhere.ingester.start();
  await eventually('the same events', () => idsOf(elsewhere.told).length === 3);
  for (const { told } of [next, elsewhere]) expect(told.started.every(({ repeated }) => repeated)).toBe(true);
  expect(idsOf(elsewhere.told)).toEqual(idsOf(next.told));
  expect(await world.executions(3)).toHaveLength(3);
});

test('after a rewind even what has completed runs again, and nothing but what was rewound', async () => {
  await using world = await IngestWorld.open();
  const first = world.ingester();
  await first.ingester.start();
  await world.send(...range(0, 3).map((id) => world.insertOf(id, { partition: 0 })));
  await eventually('all commits', async () => (await world.committed()) === 3);
  const group = { groupId: world.groupId, topics: [world.topic] };
  const rewind = (to: Date) => rewindGroup(world.kafka, { ...group, to });
  await expect(rewind(new Date(0))).rejects.toThrow(NotRewound);
  await first.ingester.stop();
  await world.complete(3);

  expect(await rewind(new Date(Date.now() + 60_000))).toEqual([]);
  expect(await rewind(new Date(0))).toEqual([{ topic: world.topic, partition: 0, from: '0', before: '3' }]);
  // Of a process that died: delivered again without a rewind.
  await world.send(world.insertOf(3, { partition: 0 }));
  const dying = world.ingester({ feed: dyingBeforeCommit(world.feed()) });
  await dying.ingester.start();
  await eventually('all starts', () => idsOf(dying.told).length === 4);
  await dying.ingester.stop();
  expect(await world.executions(7)).toHaveLength(7);
  await world.complete(4);
  const last = world.ingester();
  await last.ingester.start();
  await eventually('all commits again', async () => (await world.committed()) === 4);
  const repeated = last.told.started.filter((each) => each.repeated).map(({ key }) => key);
  expect([...new Set(repeated)]).toEqual([expect.stringContaining('3')]);
});

test('what no event can be made of becomes a dead letter that says why, and the partition moves on', async () => {
  await using world = await IngestWorld.open();
  const { ingester, told } = world.ingester();
  await ingester.start();
  const partition = 0;
  const large = randomBytes(3_000_000).toString('base64');
  await world.send(
    { key: 'x', value: 'not { json: secret-value', partition },
    world.insertOf(1, { table: 'strangers', partition }),
    world.insertOf(2, { name: large, partition }),
    world.insertOf(3, { partition }),
  );
  await eventually('the record after them', () => told.started.some(({ key }) => key === '3'));
  await eventually('all commits', async () => (await world.committed()) === 4);
  const dead = await eventually('three dead letters', async () => {
    const found = await world.deadLetters();
    return found.length === 3 ? found : null;
  });

  const byOffset = new Map(
    dead.map((each) => ['reference' in each.subject ? each.subject.reference.offset : '', each]),
  );
  const [unparsable, unknown, oversize] = ['0', '1', '2'].map((offset) => byOffset.get(offset)!);
  expect(unparsable).toMatchObject({
    subject: { kind: 'record', side: 'left', key: 'x', reference: { topic: world.topic, partition } },
    failure: { errorClass: 'data', retryCount: 0 },
  });
  const { subject } = unparsable!;
  expect(subject.kind === 'record' && Buffer.from(subject.raw!, 'base64').toString()).toBe(
    'not { json: secret-value',
  );
  expect(JSON.stringify(unparsable!.failure)).not.toContain('secret');
  expect(unknown).toMatchObject({
    subject: { kind: 'record' },
    failure: { errorClass: 'data', message: 'unknown table public.strangers' },
  });
  expect(oversize).toMatchObject({
    subject: { kind: 'reference', entity: 'people', side: 'left', reference: { partition, offset: '2' } },
    failure: { errorClass: 'data', message: expect.stringContaining('larger than Temporal holds') },
  });
  expect(oversize!.subject.kind === 'reference' && oversize!.subject.reference.expires).toMatch(/^20\d\d-/);
});

test('pauses at the limit of what is in flight and goes on when it has eased', async () => {
  await using world = await IngestWorld.open();
  const { ingester, told } = world.ingester({ maxInFlight: 5 });
  await ingester.start();
  await world.send(...range(0, 12).map((id) => world.insertOf(id)));
  await eventually('the pause', () => told.paused.at(-1) === true);
  await eventually('the lag of what waits', () => (ingester.position().lagRecords ?? 0) > 0);
  expect(told.started.length).toBe(5);
  expect(ingester.position().paused).toBe(true);
  await eventually('the rest', async () => {
    await world.terminateRunning();
    return idsOf(told).length === 12;
  });
  expect(told.paused).toContain(false);
  await eventually('all commits', async () => (await world.committed()) === 12);
});

test('stopping finishes what is under way: what was started is committed, and nothing else', async () => {
  await using world = await IngestWorld.open();
  const { ingester, told } = world.ingester();
  await ingester.start();
  await world.send(...range(0, 600).map((id) => world.insertOf(id)));
  await eventually('work under way', () => told.started.length > 20);
  await ingester.stop();
  expect(idsOf(told).length).toBeLessThan(600);
  expect(await world.committed()).toBe(idsOf(told).length);
});

test('waits for Temporal without losing its place, whether away at the start or in the middle', async () => {
  await using world = await IngestWorld.open();
  await using door = await Proxy.before(testAddresses()['TEMPORAL_ADDRESS']!);
  await door.open();
  const { ingester, told } = world.ingester({ client: await world.clientAt(door.address) });
  await door.shut();
  await ingester.start();
  await world.send(...range(0, 5).map((id) => world.insertOf(id)));
  await eventually('a delayed start', () => told.delayed.length > 0);
  expect(await world.committed()).toBe(0);
  await door.open();
  await eventually('the first', async () => (await world.committed()) === 5);
  await door.shut();
  await world.send(...range(5, 10).map((id) => world.insertOf(id)));
  const before = told.delayed.length;
  await eventually('another delayed start', () => told.delayed.length > before);
  expect(await world.committed()).toBe(5);
  await door.open();
  await eventually('the rest', async () => (await world.committed()) === 10);
  expect(await world.executions(10)).toHaveLength(10);
});

test('two ingesters share one side: every change starts once, and one takes over from the other', async () => {
  await using world = await IngestWorld.open();
  const first = world.ingester();
  const second = world.ingester();
  await Promise.all([first.ingester.start(), second.ingester.start()]);
  await eventually('shared partitions', () =>
    [first, second].every(({ ingester }) => [1, 2].includes(ingester.position().partitions)),
  );
  await world.send(...range(0, 200).map((id) => world.insertOf(id)));
  await eventually('work of both', () => [first, second].every(({ told }) => told.started.length > 0));
  await first.ingester.stop();
  await eventually('all commits', async () => (await world.committed()) === 200);
  const executions = await world.executions(200);
  expect(executions).toHaveLength(200);
  expect(new Set(executions).size).toBe(200);
});

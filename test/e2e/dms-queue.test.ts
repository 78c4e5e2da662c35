import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { integer, text } from '../../src/pipeline/columns.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../src/pipeline/define.ts';
import { queryNames } from '../../src/temporal/names.ts';
import { startDmsFeeder } from '../../src/demo/dms-feeder.ts';
import { intake } from '../../src/ingest/intake.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import { sideTopics } from '../../src/process/side-topics.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { openBlog } from '../support/blog-system.ts';
import { freshDatabase } from '../support/databases.ts';
import { eventually } from '../support/eventually.ts';
import { fromNowOn } from '../support/from-now-on.ts';
import { runDefined, testEnvironment, testTemporal } from '../support/pipeline-system.ts';
import { TestQueue } from '../support/test-queue.ts';

interface Change {
  operation: string;
  data: { id: number; name?: string | null };
  at: number;
  before?: object;
}

/** A record as AWS DMS writes it; `at` is its place in the log. */
const dms = ({ operation, data, at, before }: Change): string =>
  JSON.stringify({
    data,
    ...(before && { 'before-image': before }),
    metadata: {
      timestamp: '2026-01-02T03:04:06Z',
      'record-type': 'data',
      operation,
      'partition-key-type': 'schema-table',
      'schema-name': 'store_db',
      'table-name': 'people',
      'transaction-id': 4_294_967_296 + at,
      'transaction-record-id': 1,
      'commit-timestamp': `2026-01-02T03:04:05.${String(at).padStart(6, '0')}Z`,
    },
  });

const hint = (id: number): string =>
  JSON.stringify({ eventName: 'MODIFY', tableName: 'people', dynamodb: { Keys: { id: { N: String(id) } } } });

const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, by: Math.random() }))
    .toSorted((a, b) => a.by - b.by)
    .map(({ item }) => item);

test('changes that come in any order, each five times, come to what they say together, and are applied once', async () => {
  await using queue = await TestQueue.make();
  await using store = await freshDatabase('mysql');
  await using copy = await freshDatabase('postgres');
  const definition = 'CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(100))';
  await store.query(definition);
  await copy.query(definition);
  const name = `queued_${randomUUID().slice(0, 8)}`;
  const columns = { id: integer(), name: text().nullable() };
  const pipeline = compilePipeline(
    definePipeline({
      name,
      sides: { store: mysql({ url: store.url }), copy: postgres({ url: copy.url }) },
      entities: {
        people: entity({
          direction: 'one_way',
          key: 'same',
          tables: { store: table('people', columns), copy: table('people', columns) },
          columns: { name: 'name' },
        }),
      },
    }),
  );
  const running = await runDefined(
    testEnvironment({ STORE_FEED: 'sqs', STORE_QUEUE_URL: queue.url }),
    pipeline,
  );
  const rows = async () =>
    (await copy.query('SELECT id, name FROM people ORDER BY id')).map((row) => [
      Number(row['id']),
      row['name'],
    ]);
  try {
    const changes = [
      dms({ operation: 'insert', data: { id: 1, name: 'Ann' }, at: 1 }),
      dms({ operation: 'update', data: { id: 1, name: 'Anne' }, before: { id: 1, name: 'Ann' }, at: 2 }),
      dms({ operation: 'update', data: { id: 1, name: null }, before: { id: 1, name: 'Anne' }, at: 3 }),
      dms({ operation: 'insert', data: { id: 2, name: 'Bob' }, at: 4 }),
      dms({ operation: 'delete', data: { id: 2, name: 'Bob' }, at: 5 }),
      dms({ operation: 'insert', data: { id: 3, name: 'Cy' }, at: 6 }),
    ];
    await queue.send(shuffled(Array.from({ length: 5 }, () => changes).flat()));
    await eventually('all of it', async () => {
      expect(await queue.messages()).toBe(0);
      expect(await rows()).toEqual([
        [1, null],
        [3, 'Cy'],
      ]);
      const [{ count } = {}] = await copy.query(
        `SELECT count(*) FROM tandem.processed_events WHERE pipeline = '${name}'`,
      );
      expect(Number(count)).toBe(changes.length);
      return true;
    });

    // The pair stays: no second row, and what follows under the new key reaches it.
    await queue.send([
      dms({ operation: 'update', data: { id: 4, name: 'Cyd' }, before: { id: 4, name: 'Cy' }, at: 8 }),
      dms({ operation: 'update', data: { id: 4, name: 'Cy' }, before: { id: 3, name: 'Cy' }, at: 7 }),
    ]);
    await eventually('the changed key', async () => {
      expect((await rows()).map(([, name]) => name)).toEqual([null, 'Cyd']);
      expect(await queue.messages()).toBe(0);
      return true;
    });

    await store.query(`INSERT INTO people (id, name) VALUES (5, 'Di')`);
    await queue.send([hint(5), hint(5)]);
    await eventually('the row of the hint', async () => {
      expect((await rows()).at(-1)).toEqual([5, 'Di']);
      return true;
    });

    await queue.send([dms({ operation: 'insert', data: { id: 6 }, at: 9 })]);
    const dead = await eventually('a dead letter', () => deadLetterOf(name));
    expect(dead.message).toContain('IncludeNullAndEmpty');
    await eventually('an empty queue', async () => (await queue.messages()) === 0);
    expect((await rows()).map(([, name]) => name)).toEqual([null, 'Cyd', 'Di']);
  } finally {
    await running.stop();
  }
});

test('what Debezium captures goes to the queue as AWS DMS would write it', async () => {
  await using queue = await TestQueue.make();
  await using blog = await openBlog();
  const environment = testEnvironment({ REVAMP_FEED: 'sqs', REVAMP_QUEUE_URL: queue.url });
  const { groupId } = blog.pipeline.sides.get('revamp')!;
  const side = resolveSides(blog.pipeline, blog.environment).get('revamp')!;
  for (const topic of sideTopics(blog.pipeline.sides.get('revamp')!, side))
    await fromNowOn(blog.kafka, `${groupId}.dms`, topic);
  const log = createLogger({ level: 'silent' });
  const feeder = await startDmsFeeder({ pipeline: blog.pipeline, side: 'revamp', environment, log });
  try {
    const name = `fed_${blog.run}`;
    await blog.app('revamp', 'INSERT INTO revamp_users (user_name, email_address) VALUES (?, ?)', [
      name,
      `${name}@x.example`,
    ]);
    const message = await eventually('the record', async () => {
      const messages = await queue.queue.receive(
        { waitSeconds: 1, visibilitySeconds: 1 },
        new AbortController().signal,
      );
      return messages.map(({ Body: body }) => body ?? '').find((body) => body.includes(name));
    });
    const record = JSON.parse(message) as { data: object; metadata: object };
    expect(record.data).toMatchObject({ id: expect.any(Number), user_name: name });
    expect(record.metadata).toMatchObject({
      operation: 'insert',
      'table-name': 'revamp_users',
      'transaction-id': expect.any(Number),
    });
    const read = intake(blog.pipeline, 'revamp', { key: null, value: Buffer.from(message), headers: {} });
    expect(read.kind).toBe('captured');
  } finally {
    await feeder.stop();
  }
});

async function deadLetterOf(pipeline: string): Promise<{ message: string } | null> {
  const { client, connection } = await connectTemporal(testTemporal(), createLogger({ level: 'silent' }));
  try {
    const query = `WorkflowType = 'deadLetter' AND TandemPipeline = '${pipeline}'`;
    for await (const { workflowId } of client.workflow.list({ query })) {
      const { failure } = await client.workflow
        .getHandle(workflowId)
        .query<{ failure: { message: string } }>(queryNames.status);
      return failure;
    }
    return null;
  } finally {
    await connection.close();
  }
}

import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import magento from '../../pipelines/magento/pipeline.ts';
import { packageRoot } from '../../src/package-root.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, mysql, postgres } from '../../src/pipeline/define.ts';
import { pollId, workflowTypes } from '../../src/temporal/names.ts';
import type { PollStatus } from '../../src/temporal/polling.ts';
import { freshDatabase } from '../support/databases.ts';
import { eventually } from '../support/eventually.ts';
import { openPipeline, testEnvironment, runDefined } from '../support/pipeline-system.ts';

/** The shop without its log, under names of its own: its workflow outlives an interrupted test. */
const polled = (name: string, urls: { shop: string; services: string }) =>
  compilePipeline(
    definePipeline({
      name,
      sides: {
        shop: mysql({ url: urls.shop, polling: { changedAt: 'updated_at' } }),
        services: postgres({ url: urls.services }),
      },
      entities: Object.fromEntries(
        Object.entries(magento.entities).map(([entity, { tables, ...rest }]) => [
          entity,
          { ...rest, tables: { shop: tables['magento']!, services: tables['micro']! } },
        ]),
      ),
    }),
  );

test('without its log a shop is looked at: changes at equal times, deletes, late commits, and a table without times', async () => {
  await using shop = await openPipeline('magento');
  await using source = await freshDatabase('mysql');
  await using target = await freshDatabase('postgres');
  const sql = (path: string) => readFile(join(packageRoot, 'pipelines/magento/sql', path), 'utf8');
  for (const statement of (await sql('magento/schema.sql')).split(';').filter((text) => /\S/.test(text)))
    await source.query(statement);
  await target.query(await sql('micro/schema.sql'));
  const pipeline = polled(`polled_${shop.run}`, { shop: source.url, services: target.url });
  const poll = shop.client.workflow.getHandle(pollId(pipeline.name, 'shop'));
  const comparedAt = async () => (await poll.query<PollStatus>('status')).progress.comparedAt;
  const start = () =>
    runDefined(
      testEnvironment({
        EVENT_BUS: 'none',
        SYNC_ORIGIN_MARKS: 'false',
        SYNC_POLL_ROWS: '7',
        SYNC_POLL_COMPARE_SECONDS: '2',
        SYNC_POLL_OVERLAP_SECONDS: '5',
      }),
      pipeline,
    );
  const count = async (condition: string) =>
    Number((await target.query(`SELECT count(*)::int AS n FROM ${condition}`))[0]!['n']);
  const arrived = (condition: string, rows: number) =>
    eventually(`${rows} of ${condition}`, async () => (await count(condition)) === rows);

  // Of one statement, and so of one time.
  const customers = Array.from({ length: 50 }, (_, n) => `(${n + 1}, 'c${n + 1}@example.com', 'Ada')`);
  await source.query(`INSERT INTO customer_entity (entity_id, email, firstname) VALUES ${customers.join()}`);
  await source.query(`INSERT INTO catalog_product_entity (entity_id, sku) VALUES (1, 'loom')`);
  await source.query('INSERT INTO cataloginventory_stock_item (item_id, product_id, qty) VALUES (1, 1, 5)');
  let running = await start();
  try {
    await arrived('customers', 50);
    await arrived('stock_items WHERE quantity = 5', 1);

    const open = await source.session(source.adminUrl);
    await open.query('BEGIN');
    await open.query(`UPDATE customer_entity SET firstname = 'late' WHERE entity_id = 7`);
    await source.query(`UPDATE customer_entity SET firstname = 'Augusta' WHERE entity_id > 40`);
    await arrived(`customers WHERE first_name = 'Augusta'`, 10);
    await open.query('COMMIT');
    await arrived(`customers WHERE first_name = 'late'`, 1);

    await running.stop();
    await source.query('DELETE FROM customer_entity WHERE entity_id <= 3');
    await source.query('UPDATE cataloginventory_stock_item SET qty = 0');
    await source.query(`INSERT INTO customer_entity (entity_id, email) VALUES (51, 'c51@example.com')`);
    running = await start();
    await arrived('customers WHERE deleted_at IS NOT NULL', 3);
    await arrived('customers', 51);
    await arrived('stock_items WHERE quantity = 0', 1);

    await target.query(`ALTER TABLE customers ADD CHECK (first_name <> 'refused')`);
    await source.query(`UPDATE customer_entity SET firstname = 'refused' WHERE entity_id = 9`);
    const dead = `WorkflowType = '${workflowTypes.deadLetter}' AND TandemPipeline = '${pipeline.name}'`;
    const deadLetters = async () => (await shop.client.workflow.count(dead)).count;
    await eventually('a dead letter', async () => (await deadLetters()) === 1);
    const known = () => count('tandem.processed_events');
    const before = await known();
    for (let compared = 0, last = await comparedAt(); compared < 2; compared++)
      last = await eventually('another comparison', async () => {
        const now = await comparedAt();
        return now !== last && now;
      });
    expect(await deadLetters()).toBe(1);
    expect(await known()).toBe(before);
    expect((await poll.query<PollStatus>('status')).troubles).toEqual({});
  } finally {
    await running.stop();
    await poll.terminate('the test is over');
  }
});

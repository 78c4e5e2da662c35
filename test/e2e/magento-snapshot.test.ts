import { expect, test } from '@jest/globals';
import { redisMessages } from '../../src/effects/redis-messages.ts';
import { redisServer } from '../../src/process/config/redis.ts';
import { eventually } from '../support/eventually.ts';
import { openPipeline, runPipeline, testEnvironment } from '../support/pipeline-system.ts';
import { snapshotAnew } from '../support/snapshot-anew.ts';

/** `npm run test:full` takes ten times as many. */
const scale = process.env['TANDEM_TEST_FULL'] === '1' ? 10 : 1;
const [customers, products, orders] = [500 * scale, 200 * scale, 1000 * scale];

test('a shop that was there before comes whole by a snapshot, orders with their customers, and is told', async () => {
  const first = (Math.floor(Date.now() / 1000) % 400_000) * 10_000 + 1;
  {
    await using shop = await openPipeline('magento');
    await snapshotAnew(testEnvironment().get('CONNECT_URL')!, 'magento-mysql-connector', async () => {
      const numbers = (count: number) =>
        `WITH RECURSIVE n AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`;
      // What earlier tests left would be read again.
      for (const table of ['sales_order', 'customer_entity', 'catalog_product_entity', 'salesrule_coupon'])
        await shop.admin('magento', `DELETE FROM ${table}`);
      await shop.admin('magento', `SET SESSION cte_max_recursion_depth = ${orders}`);
      await shop.admin(
        'magento',
        `INSERT INTO customer_entity (entity_id, website_id, email, firstname, lastname)
          ${numbers(customers)} SELECT ${first} + i, 1, CONCAT(${first} + i, '@example.com'), 'Ada', i FROM n`,
      );
      await shop.admin(
        'magento',
        `INSERT INTO catalog_product_entity (entity_id, attribute_set_id, sku)
          ${numbers(products)} SELECT ${first} + i, 4, CONCAT('sku-', ${first} + i) FROM n`,
      );
      await shop.admin(
        'magento',
        `INSERT INTO sales_order (entity_id, state, status, grand_total, customer_id, increment_id)
          ${numbers(orders)} SELECT ${first} + i, 'new', 'pending', i / 100, ${first} + i % ${customers}, ${first} + i FROM n`,
      );
    });
  }

  await using shop = await runPipeline('magento');
  const last = first + orders;
  const counted = await eventually('all rows in the services', async () => {
    const count = async (query: string) => {
      const [row] = await shop.admin('micro', `SELECT count(*)::int AS n FROM ${query}`, [first, last]);
      return Number(row!['n']);
    };
    const range = 'magento_id >= $1 AND magento_id < $2 AND deleted_at IS NULL';
    const found = {
      customers: await count(`customers WHERE ${range}`),
      products: await count(`products WHERE ${range}`),
      orders: await count(
        `orders o JOIN customers c ON c.id = o.customer_id WHERE o.magento_id >= $1 AND o.magento_id < $2`,
      ),
    };
    return found.customers + found.products + found.orders === customers + products + orders && found;
  });
  expect(counted).toEqual({ customers, products, orders });
  await eventually('a message about each order', async () => {
    const messages = await redisMessages(redisServer(shop.settings), 'migration.order.changed');
    const told = messages.map(({ data }) => Number(data['magento_id']));
    return new Set(told.filter((key) => key >= first && key < last)).size === orders;
  });
});

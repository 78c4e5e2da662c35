import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import magento from '../../pipelines/magento/pipeline.ts';
import { packageRoot } from '../../src/package-root.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, postgres } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';
import { eventually } from '../support/eventually.ts';
import { fromNowOn } from '../support/from-now-on.ts';
import { openPipeline, runDefined } from '../support/pipeline-system.ts';

const services = {
  accounts: ['customers', 'customer_addresses'],
  catalog: ['products', 'categories', 'stock_items', 'coupons'],
  sales: ['orders', 'order_items'],
};
const serviceOf = (entity: string) =>
  Object.entries(services).find(([, entities]) => entities.includes(entity))![0];

test('each service may have a database of its own: an order refers to a customer that it cannot see', async () => {
  await using shop = await openPipeline('magento');
  await using accounts = await freshDatabase('postgres');
  await using catalog = await freshDatabase('postgres');
  await using sales = await freshDatabase('postgres');
  const databases = { accounts, catalog, sales };
  const schema = await readFile(join(packageRoot, 'pipelines/magento/sql/micro/schema.sql'), 'utf8');
  for (const database of Object.values(databases)) await database.query(schema);

  const pipeline = compilePipeline(
    definePipeline({
      name: 'shop_services',
      sides: {
        magento: { ...magento.sides['magento']!, groupId: 'shop-services' },
        ...Object.fromEntries(
          Object.entries(databases).map(([name, { url }]) => [name, postgres({ url })] as const),
        ),
      },
      entities: Object.fromEntries(
        Object.entries(magento.entities).map(([name, { tables, ...entity }]) => [
          name,
          { ...entity, tables: { magento: tables['magento']!, [serviceOf(name)]: tables['micro']! } },
        ]),
      ),
    }),
  );
  const topics = pipeline.sides.get('magento')!.tables.map(({ name }) => `magento.magento_db.${name}`);
  await fromNowOn(shop.kafka, 'shop-services', ...topics);
  const running = await runDefined(shop.environment, pipeline);
  try {
    const key = (Math.floor(Date.now() / 100) % 4_000_000) * 1000 + 500;
    const email = `${key}@example.com`;
    await shop.app('magento', 'INSERT INTO customer_entity (entity_id, email) VALUES (?, ?)', [key, email]);
    await shop.app('magento', 'INSERT INTO catalog_product_entity (entity_id, sku) VALUES (?, ?)', [
      key,
      String(key),
    ]);
    await shop.app(
      'magento',
      'INSERT INTO sales_order (entity_id, customer_id, increment_id) VALUES (?, ?, ?)',
      [key, key, String(key)],
    );
    await shop.app(
      'magento',
      'INSERT INTO sales_order_item (item_id, order_id, product_id) VALUES (?, ?, ?)',
      [key, key, key],
    );
    const find = (service: keyof typeof databases, table: string) =>
      eventually(`${table} in ${service}`, async () => {
        const [row] = await databases[service].query(`SELECT * FROM ${table} WHERE magento_id = $1`, [key]);
        return row;
      });
    const customer = await find('accounts', 'customers');
    const product = await find('catalog', 'products');
    const order = await find('sales', 'orders');
    const item = await find('sales', 'order_items');
    expect(order['customer_id']).toBe(customer['id']);
    expect(item).toMatchObject({ order_id: order['id'], product_id: product['id'] });
    expect(await sales.query('SELECT 1 FROM customers')).toEqual([]);
  } finally {
    await running.stop();
  }
});

import { expect, test } from '@jest/globals';
import { derivedKey } from '../../src/apply/derived-key.ts';
import { redisMessages } from '../../src/effects/redis-messages.ts';
import { workflowTypes } from '../../src/temporal/names.ts';
import { eventually } from '../support/eventually.ts';
import { freshKey } from '../support/fresh-key.ts';
import { runPipeline } from '../support/pipeline-system.ts';
import { redisDoor } from '../support/redis-caches.ts';
import { testAddresses } from '../support/test-stack.ts';
import { readTopics } from '../support/topic-reader.ts';

type Shop = Awaited<ReturnType<typeof runPipeline>>;
type Columns = Record<string, string | number | boolean | null>;

const uuidOf = (entity: string, key: number) =>
  derivedKey('uuid', { pipeline: 'magento', entity, sourceKey: String(key) })!;

/** One row of each table, in the order in which a shop can write them, and what a service is to see. */
const tables = (key: number) => {
  const uuid = (entity: string) => uuidOf(entity, key);
  const row = (
    table: string,
    keyColumn: string,
    target: string,
    topic: string | null,
    inserted: Columns,
    seen: Columns,
    [change, changed]: [Columns, Columns],
  ) => ({ table, keyColumn, target, topic, inserted, seen, change, changed });
  return [
    row(
      'customer_entity',
      'entity_id',
      'customers',
      'customer',
      { website_id: 1, email: `${key}@example.com`, firstname: 'Ada', lastname: 'King', is_active: 1 },
      { website_id: 1, email: `${key}@example.com`, first_name: 'Ada', last_name: 'King', is_active: true },
      [
        { firstname: 'Augusta', is_active: 0 },
        { first_name: 'Augusta', is_active: false },
      ],
    ),
    row(
      'customer_address_entity',
      'entity_id',
      'customer_addresses',
      'customer',
      {
        parent_id: key,
        firstname: 'Ada',
        lastname: 'King',
        street: "12 St James's Square",
        city: 'London',
        country_id: 'GB',
        telephone: '020',
      },
      { customer_id: uuid('customers'), city: 'London', country_id: 'GB' },
      [{ city: 'Ockham' }, { city: 'Ockham' }],
    ),
    row(
      'catalog_product_entity',
      'entity_id',
      'products',
      'product',
      { attribute_set_id: 4, type_id: 'simple', sku: `sku-${key}`, has_options: 1 },
      {
        attribute_set_id: 4,
        type_id: 'simple',
        sku: `sku-${key}`,
        has_options: true,
        required_options: false,
      },
      [{ required_options: 1 }, { required_options: true }],
    ),
    row(
      'catalog_category_entity',
      'entity_id',
      'categories',
      'product',
      { parent_id: 0, path: `1/${key}`, position: 1, level: 1, children_count: 0 },
      { parent_id: null, path: `1/${key}`, position: 1, level: 1 },
      [{ parent_id: 2 }, { parent_id: uuidOf('categories', 2) }],
    ),
    row(
      'sales_order',
      'entity_id',
      'orders',
      'order',
      {
        state: 'new',
        status: 'pending',
        grand_total: '12.5',
        customer_id: key,
        increment_id: String(key),
        store_id: 1,
      },
      { state: 'new', status: 'pending', total_amount: '12.5', customer_id: uuid('customers') },
      [
        { state: 'complete', status: 'complete', customer_id: null },
        { state: 'complete', status: 'complete', customer_id: null },
      ],
    ),
    row(
      'sales_order_item',
      'item_id',
      'order_items',
      'order',
      { order_id: key, product_id: key, sku: `sku-${key}`, name: 'A loom', qty_ordered: '2', price: '6.25' },
      {
        order_id: uuid('orders'),
        product_id: uuid('products'),
        name: 'A loom',
        quantity: '2',
        price: '6.25',
      },
      [{ row_total: '12.5' }, { row_total: '12.5' }],
    ),
    row(
      'cataloginventory_stock_item',
      'item_id',
      'stock_items',
      'stock',
      { product_id: key, stock_id: 1, qty: '7', is_in_stock: 1 },
      { product_id: uuid('products'), stock_id: 1, quantity: '7', is_in_stock: true },
      [
        { qty: '0', is_in_stock: 0 },
        { quantity: '0', is_in_stock: false },
      ],
    ),
    row(
      'salesrule_coupon',
      'coupon_id',
      'coupons',
      null,
      { rule_id: 1, code: `code-${key}`, usage_limit: 5, expiration_date: '2030-01-31 12:00:00' },
      { rule_id: '1', code: `code-${key}`, usage_limit: '5', times_used: '0' },
      [{ times_used: 1 }, { times_used: '1' }],
    ),
  ].map((each) => ({ ...each, id: uuid(each.target) }));
};

const insert = (table: string, columns: Columns) =>
  [
    `INSERT INTO ${table} (${Object.keys(columns).join()}) VALUES (${Object.keys(columns)
      .map(() => '?')
      .join()})`,
    Object.values(columns),
  ] as const;

/** The row of a service's table, once it holds what is to be seen. */
const seen = (shop: Shop, target: string, key: number, expected: Columns, deleted = false) =>
  eventually(`${target} ${key}`, async () => {
    const [row] = await shop.admin('micro', `SELECT * FROM ${target} WHERE magento_id = $1`, [key]);
    if (row === undefined || (row['deleted_at'] === null) === deleted) return false;
    return (
      Object.entries(expected).every(([name, value]) => comparable(row[name]) === comparable(value)) && row
    );
  });

/** Drivers give a decimal's digits as its column has them. */
const comparable = (value: unknown) =>
  typeof value === 'string' && /^\d+\.\d+$/.test(value) ? String(Number(value)) : value;

interface Envelope {
  id: string;
  type: string;
  data: {
    entity: string;
    id: string;
    magento_id: number;
    operation: string;
    data: Columns;
    version: number;
    source: string;
    synced_at: string;
    event_id: string;
  };
}

/** Messages about rows with these keys, oldest first, as a plain reader of the stream finds them. */
const messages = async (topic: string, keys: readonly number[]): Promise<Envelope[]> => {
  const all = await redisMessages({ url: testAddresses()['REDIS_URL']! }, `migration.${topic}.changed`);
  return (all as unknown as Envelope[]).filter(({ data }) => keys.includes(data.magento_id));
};

test('what is written, changed and deleted in each table arrives and is told, and deleted rows stay', async () => {
  await using shop = await runPipeline('magento');
  const key = freshKey();
  const all = tables(key);
  for (const { table, keyColumn, inserted } of all)
    await shop.app('magento', ...insert(table, { [keyColumn]: key, ...inserted }));
  for (const { target, seen: expected, id } of all) {
    const row = await seen(shop, target, key, expected);
    expect(row).toMatchObject({ id, source: 'magento', deleted_at: null });
    expect(row['synced_at']).not.toBeNull();
  }
  for (const { table, keyColumn, change } of all)
    await shop.app(
      'magento',
      `UPDATE ${table} SET ${Object.keys(change)
        .map((name) => `${name} = ?`)
        .join()} WHERE ${keyColumn} = ?`,
      [...Object.values(change), key],
    );
  for (const { target, changed } of all) await seen(shop, target, key, changed);
  for (const { table, keyColumn } of all.toReversed())
    await shop.app('magento', `DELETE FROM ${table} WHERE ${keyColumn} = ?`, [key]);
  for (const { target, changed } of all) await seen(shop, target, key, changed, true);

  for (const { target, topic, id, changed } of all) {
    if (topic === null) continue;
    const told = await eventually(`three messages about ${target} ${key}`, async () => {
      const own = (await messages(topic, [key])).filter(({ data }) => data.entity === target);
      return own.length >= 3 && own;
    });
    expect(told.map(({ data }) => data.operation)).toEqual(['CREATE', 'UPDATE', 'DELETE']);
    const versions = told.map(({ data }) => data.version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    for (const { id: eventId, type, data } of told) {
      expect({ type, id: data.id }).toEqual({ type: `migration.${topic}.changed`, id });
      expect(data).toMatchObject({ event_id: eventId, magento_id: key, source: 'magento' });
    }
    expect(Object.keys(told[0]!.data.data)).toEqual(expect.arrayContaining(Object.keys(changed)));
  }

  const [customer] = all;
  await shop.app('magento', ...insert(customer!.table, { entity_id: key, ...customer!.inserted }));
  const back = await seen(shop, 'customers', key, customer!.seen);
  expect(back['id']).toBe(customer!.id);
});

test('orders before customers, and twenty changes of one new customer at once, come to one row each', async () => {
  await using shop = await runPipeline('magento');
  const key = freshKey();
  const since = new Date();
  await shop.whileStopped(async () => {
    const email = `${key}@example.com`;
    await shop.app('magento', ...insert('customer_entity', { entity_id: key, email, firstname: '0' }));
    for (let order = 0; order < 5; order++)
      await shop.app(
        'magento',
        ...insert('sales_order', {
          entity_id: key + order,
          customer_id: key,
          increment_id: `${key}-${order}`,
        }),
      );
    for (let change = 1; change < 20; change++)
      await shop.app('magento', 'UPDATE customer_entity SET firstname = ? WHERE entity_id = ?', [
        String(change),
        key,
      ]);
  });
  await seen(shop, 'customers', key, { first_name: '19', id: uuidOf('customers', key) });
  for (let order = 0; order < 5; order++)
    await seen(shop, 'orders', key + order, { customer_id: uuidOf('customers', key) });
  expect(
    await shop.admin('micro', 'SELECT 1 FROM customers WHERE email = $1', [`${key}@example.com`]),
  ).toHaveLength(1);
  const query = `WorkflowType = '${workflowTypes.deadLetter}' AND TandemPipeline = 'magento' AND StartTime >= '${since.toISOString()}'`;
  expect((await shop.client.workflow.count(query)).count).toBe(0);
});

test('a bus that is away is waited for, and neither that nor a restart loses a message', async () => {
  await using redis = await redisDoor();
  await using shop = await runPipeline('magento', { REDIS_URL: redis.url });
  const since = new Date();
  const key = freshKey();
  const write = (from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from }, (_, at) =>
        shop.app('magento', ...insert('customer_entity', { entity_id: key + from + at, firstname: 'Ada' })),
      ),
    );
  await write(0, 10);
  await redis.shut();
  await write(10, 20);
  for (let at = 0; at < 20; at++) await seen(shop, 'customers', key + at, { first_name: 'Ada' });
  const inTrouble = `WorkflowType = '${workflowTypes.syncChange}' AND TandemPipeline = 'magento' AND ExecutionStatus = 'Running' AND TandemErrorClass = 'unavailable'`;
  await eventually('messages that wait', async () => (await shop.client.workflow.count(inTrouble)).count > 0);
  await shop.whileStopped(async () => {
    await write(20, 25);
    await redis.open();
  });
  const keys = Array.from({ length: 25 }, (_, at) => key + at);
  await eventually('a message about each', async () => {
    const told = await messages('customer', keys);
    return new Set(told.map(({ data }) => data.magento_id)).size === keys.length;
  });
  const query = `WorkflowType = '${workflowTypes.deadLetter}' AND TandemPipeline = 'magento' AND StartTime >= '${since.toISOString()}'`;
  expect((await shop.client.workflow.count(query)).count).toBe(0);
});

test('Kafka may be told as well: a topic for each table of the shop, a partition for each row', async () => {
  await using shop = await runPipeline('magento', { EVENT_BUS: 'redis,kafka' });
  const key = freshKey();
  await shop.app('magento', ...insert('catalog_product_entity', { entity_id: key, sku: `sku-${key}` }));
  await seen(shop, 'products', key, { sku: `sku-${key}` });
  await shop.app('magento', 'UPDATE catalog_product_entity SET has_options = 1 WHERE entity_id = ?', [key]);
  await seen(shop, 'products', key, { has_options: true });
  await shop.app('magento', 'DELETE FROM catalog_product_entity WHERE entity_id = ?', [key]);
  await using reader = await readTopics(shop.kafka, ['catalog_product_entity-changes']);
  const own = await eventually('three messages', async () => {
    await reader.catchUp();
    const found = reader.records.filter(({ headers }) => headers['record_id'] === String(key));
    return found.length >= 3 && found;
  });
  const table = 'catalog_product_entity';
  expect(own.map(({ headers }) => headers)).toEqual(
    ['INSERT', 'UPDATE', 'DELETE'].map((action) => ({ table, action, record_id: String(key) })),
  );
  expect(own[1]!.value).toMatchObject({
    target_table: 'products',
    data: { id: uuidOf('products', key), has_options: true, source: 'magento' },
  });
  expect(await messages('product', [key])).toHaveLength(3);
});

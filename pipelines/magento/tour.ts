import { defineTour } from '../../src/pipeline/tour.ts';
import type { StepReport, TourTools } from '../../src/pipeline/tour.ts';
import type { SqlRow } from '../../src/pipeline/tools.ts';

const kept = (row: SqlRow | undefined) => row !== undefined && row['deleted_at'] !== null;

export default defineTour({
  apps: { magento: 'magento_app', micro: 'micro_app' },
  async take(t) {
    await customer(t);
    await orderOfGuest(t);
    await burst(t);
  },
});

/** How long it took, and what the services were told of it. */
async function told(t: TourTools, entity: string, topic: string): Promise<StepReport> {
  const milliseconds = t.sinceWrite();
  const eventId = await t.lastEvent('micro', entity);
  const { operation, id, magento_id, version } = await t.published(topic, eventId);
  const note = `on ${topic}: ${String(operation)} of ${String(magento_id)} as ${String(id)}, version ${String(version)}`;
  return { milliseconds, eventId, note };
}

async function customer(t: TourTools): Promise<void> {
  const email = `ada_${t.run}@example.com`;
  const topic = 'migration.customer.changed';
  const look = 'SELECT * FROM customers WHERE email = $1';
  await t.step('shop → services: create a customer', async () => {
    await t.app(
      'magento',
      `INSERT INTO customer_entity (website_id, email, firstname, lastname) VALUES (1, ?, 'Ada', 'King')`,
      [email],
    );
    await t.see('micro', look, [email]);
    return told(t, 'customers', topic);
  });
  await t.step('shop → services: change the customer', async () => {
    await t.app('magento', `UPDATE customer_entity SET firstname = 'Augusta' WHERE email = ?`, [email]);
    await t.see('micro', look, [email], (row) => row?.['first_name'] === 'Augusta');
    return told(t, 'customers', topic);
  });
  await t.step('shop → services: an order of the customer carries the same UUID', async () => {
    await t.app(
      'magento',
      `INSERT INTO sales_order (state, status, grand_total, customer_id, increment_id)
        SELECT 'new', 'pending', 42.5, entity_id, ? FROM customer_entity WHERE email = ?`,
      [t.run, email],
    );
    await t.see(
      'micro',
      'SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.email = $1',
      [email],
    );
    return told(t, 'orders', 'migration.order.changed');
  });
  await t.step('shop → services: delete the customer; the row stays, marked', async () => {
    await t.app('magento', 'DELETE FROM customer_entity WHERE email = ?', [email]);
    await t.see('micro', look, [email], kept);
    return told(t, 'customers', topic);
  });
}

async function orderOfGuest(t: TourTools): Promise<void> {
  const number = `guest-${t.run}`;
  await t.step('shop → services: an order of a guest', async () => {
    await t.app(
      'magento',
      `INSERT INTO sales_order (state, status, grand_total, customer_is_guest, increment_id) VALUES ('new', 'pending', 9.99, 1, ?)`,
      [number],
    );
    await t.see('micro', 'SELECT 1 FROM orders WHERE increment_id = $1 AND customer_id IS NULL', [number]);
    return told(t, 'orders', 'migration.order.changed');
  });
}

async function burst(t: TourTools): Promise<void> {
  const rows = 500;
  await t.step(`shop → services: ${rows} products at once`, async () => {
    await t.app(
      'magento',
      `INSERT INTO catalog_product_entity (attribute_set_id, sku)
        WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
        SELECT 4, CONCAT(?, i) FROM n`,
      [`${t.run}-`],
    );
    await t.see(
      'micro',
      'SELECT count(*)::int AS n FROM products WHERE sku LIKE $1',
      [`${t.run}-%`],
      (row) => row?.['n'] === rows,
    );
    return { milliseconds: t.sinceWrite(), rows };
  });
}

import { expect, test } from '@jest/globals';
import magento from '../../pipelines/magento/pipeline.ts';
import { redisMessages } from '../../src/effects/redis-messages.ts';
import { redisServer } from '../../src/process/config/redis.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, postgres } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';
import { eventually } from '../support/eventually.ts';
import { fromNowOn } from '../support/from-now-on.ts';
import { openPipeline, runDefined } from '../support/pipeline-system.ts';

test('an entity that is not loaded is told all the same, from tables that nobody has', async () => {
  await using shop = await openPipeline('magento');
  await using ledger = await freshDatabase('postgres');
  const { magento: products, micro } = magento.entities['products']!.tables;
  const pipeline = compilePipeline(
    definePipeline({
      name: 'shop_messages',
      sides: {
        magento: { ...magento.sides['magento']!, groupId: 'shop-messages' },
        nobody: postgres({ url: ledger.url }),
      },
      entities: {
        products: {
          ...magento.entities['products']!,
          load: false,
          tables: { magento: products!, nobody: micro! },
        },
      },
      effects: magento.effects!.filter(({ entity }) => entity === 'products'),
    }),
  );
  await fromNowOn(shop.kafka, 'shop-messages', 'magento.magento_db.catalog_product_entity');
  const running = await runDefined(shop.environment, pipeline);
  try {
    const key = (Math.floor(Date.now() / 100) % 4_000_000) * 1000 + 700;
    const told = (count: number) =>
      eventually(`${count} messages`, async () => {
        const all = await redisMessages(redisServer(shop.settings), 'migration.product.changed');
        const own = all.filter(({ data }) => data['magento_id'] === key).map(({ data }) => data);
        return own.length >= count && own;
      });
    await shop.app('magento', 'INSERT INTO catalog_product_entity (entity_id, sku) VALUES (?, ?)', [
      key,
      'loom',
    ]);
    const [made] = await told(1);
    expect(made).toMatchObject({
      operation: 'CREATE',
      data: { id: made!['id'], magento_id: key, sku: 'loom', has_options: false, source: 'magento' },
    });
    await shop.app('magento', 'DELETE FROM catalog_product_entity WHERE entity_id = ?', [key]);
    expect((await told(2))[1]).toMatchObject({ operation: 'DELETE', id: made!['id'], data: null });
    expect(await ledger.query(`SELECT to_regclass('public.products')::text AS there`)).toEqual([
      { there: null },
    ]);
  } finally {
    await running.stop();
  }
});

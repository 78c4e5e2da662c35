import { publish } from '../../src/pipeline/effects.ts';
import type { PublicationDefinition, PublishedChange } from '../../src/pipeline/effects.ts';

/** Topic to the entities whose changes it carries; coupons are on none. */
const topics = {
  'migration.customer.changed': ['customers', 'customer_addresses'],
  'migration.product.changed': ['products', 'categories'],
  'migration.order.changed': ['orders', 'order_items'],
  'migration.stock.changed': ['stock_items'],
} as const;

/** What a service is told: which row, what happened, the row as its table has it, and what is newer than what. */
const message = (entity: string, change: PublishedChange) => ({
  entity,
  id: change.targetKey,
  magento_id: Number(change.sourceKey),
  operation: change.operation,
  data: change.data,
  version: change.version,
  source: 'magento',
  synced_at: change.data?.['synced_at'] ?? new Date().toISOString(),
  event_id: change.eventId,
});

export const publications: readonly PublicationDefinition[] = Object.entries(topics).flatMap(
  ([topic, entities]) =>
    entities.map((entity) =>
      publish({
        name: `${entity}_changed`,
        entity,
        topic,
        message: (change) => message(entity, change),
      }),
    ),
);

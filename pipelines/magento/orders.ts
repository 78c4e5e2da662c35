import { decimal, integer, text, uuid } from '../../src/pipeline/columns.ts';
import { entity, table } from '../../src/pipeline/define.ts';
import { own, sameTimes, times, toServices } from './shared.ts';

/** The order service. */
export const orderEntities = {
  orders: entity({
    ...toServices,
    tables: {
      magento: table(
        'sales_order',
        {
          entity_id: integer(),
          increment_id: text().nullable(),
          state: text().nullable(),
          status: text().nullable(),
          grand_total: decimal().nullable(),
          customer_id: integer().nullable(),
          ...times,
        },
        { key: ['entity_id'] },
      ),
      micro: table('orders', {
        ...own,
        increment_id: text().nullable(),
        state: text().nullable(),
        status: text().nullable(),
        total_amount: decimal().nullable(),
        customer_id: uuid().nullable(),
        ...times,
      }),
    },
    columns: {
      entity_id: 'magento_id',
      increment_id: 'increment_id',
      state: 'state',
      status: 'status',
      grand_total: 'total_amount',
      customer_id: 'customer_id',
      ...sameTimes,
    },
    references: { customer_id: 'customers' },
  }),
  order_items: entity({
    ...toServices,
    tables: {
      magento: table(
        'sales_order_item',
        {
          item_id: integer(),
          order_id: integer(),
          product_id: integer().nullable(),
          sku: text().nullable(),
          name: text().nullable(),
          qty_ordered: decimal().nullable(),
          price: decimal(),
          row_total: decimal(),
          ...times,
        },
        { key: ['item_id'] },
      ),
      micro: table('order_items', {
        ...own,
        order_id: uuid(),
        product_id: uuid().nullable(),
        sku: text().nullable(),
        name: text().nullable(),
        quantity: decimal().nullable(),
        price: decimal(),
        row_total: decimal(),
        ...times,
      }),
    },
    columns: {
      item_id: 'magento_id',
      order_id: 'order_id',
      product_id: 'product_id',
      sku: 'sku',
      name: 'name',
      qty_ordered: 'quantity',
      price: 'price',
      row_total: 'row_total',
      ...sameTimes,
    },
    references: { order_id: 'orders', product_id: 'products' },
  }),
};

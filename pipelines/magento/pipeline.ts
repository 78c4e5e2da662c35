import { z } from 'zod';
import { boolean, decimal, integer, text, timestamp, timestamptz, uuid } from '../../src/pipeline/columns.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../src/pipeline/define.ts';
import { publications } from './effects.ts';

/** A SMALLINT of 0 and 1. */
const flag = z.codec(integer(), boolean(), {
  decode: (number) => number !== '0',
  encode: (truth) => (truth ? '1' : '0'),
});

/** The categories at the root have the parent 0. */
const parentOrRoot = z.codec(integer(), uuid().nullable(), {
  decode: (key) => (key === '0' ? null : key),
  encode: (key) => key ?? '0',
});

const times = { created_at: timestamptz(), updated_at: timestamptz() };
const sameTimes = { created_at: 'created_at', updated_at: 'updated_at' };

/** Every table of the services has these. */
const own = {
  id: uuid(),
  magento_id: integer(),
  source: text(),
  synced_at: timestamptz(),
  deleted_at: timestamptz().nullable(),
};

/** From the shop to the services only; the same row has the same UUID everywhere, whatever comes first. */
const toServices = {
  direction: 'one_way',
  key: 'uuid',
  stamps: { deletedAt: 'deleted_at', syncedAt: 'synced_at', constants: { source: 'magento' } },
} as const;

export default definePipeline({
  name: 'magento',
  sides: {
    magento: mysql({
      database: 'magento_db',
      connector: 'magento-mysql-connector',
      healthCheck: 'magento_database',
      aliases: {
        host: 'MAGENTO_DB_HOST',
        port: 'MAGENTO_DB_PORT',
        database: 'MAGENTO_DB_NAME',
        username: 'MAGENTO_DB_USER',
        password: 'MAGENTO_DB_PASS',
      },
    }),
    micro: postgres({
      database: 'microservices_db',
      healthCheck: 'microservices_database',
      aliases: {
        url: 'MICRO_DB_DSN',
        host: 'MICRO_DB_HOST',
        port: 'MICRO_DB_PORT',
        database: 'MICRO_DB_NAME',
        username: 'MICRO_DB_USER',
        password: 'MICRO_DB_PASS',
      },
    }),
  },
  entities: {
    customers: entity({
      ...toServices,
      tables: {
        magento: table(
          'customer_entity',
          {
            entity_id: integer(),
            email: text().nullable(),
            firstname: text().nullable(),
            lastname: text().nullable(),
            website_id: integer().nullable(),
            is_active: integer(),
            ...times,
          },
          { key: ['entity_id'] },
        ),
        micro: table('customers', {
          ...own,
          email: text().nullable(),
          first_name: text().nullable(),
          last_name: text().nullable(),
          website_id: integer().nullable(),
          is_active: boolean(),
          ...times,
        }),
      },
      columns: {
        entity_id: 'magento_id',
        email: 'email',
        firstname: 'first_name',
        lastname: 'last_name',
        website_id: 'website_id',
        is_active: ['is_active', flag],
        ...sameTimes,
      },
    }),
    customer_addresses: entity({
      ...toServices,
      tables: {
        magento: table(
          'customer_address_entity',
          {
            entity_id: integer(),
            parent_id: integer().nullable(),
            firstname: text(),
            lastname: text(),
            company: text().nullable(),
            street: text(),
            postcode: text().nullable(),
            city: text(),
            region: text().nullable(),
            country_id: text(),
            telephone: text(),
            is_active: integer(),
            ...times,
          },
          { key: ['entity_id'] },
        ),
        micro: table('customer_addresses', {
          ...own,
          customer_id: uuid().nullable(),
          first_name: text(),
          last_name: text(),
          company: text().nullable(),
          street: text(),
          postcode: text().nullable(),
          city: text(),
          region: text().nullable(),
          country_id: text(),
          telephone: text(),
          is_active: boolean(),
          ...times,
        }),
      },
      columns: {
        entity_id: 'magento_id',
        parent_id: 'customer_id',
        firstname: 'first_name',
        lastname: 'last_name',
        company: 'company',
        street: 'street',
        postcode: 'postcode',
        city: 'city',
        region: 'region',
        country_id: 'country_id',
        telephone: 'telephone',
        is_active: ['is_active', flag],
        ...sameTimes,
      },
      references: { parent_id: 'customers' },
    }),
    products: entity({
      ...toServices,
      tables: {
        magento: table(
          'catalog_product_entity',
          {
            entity_id: integer(),
            sku: text(),
            attribute_set_id: integer(),
            type_id: text(),
            has_options: integer(),
            required_options: integer(),
            ...times,
          },
          { key: ['entity_id'] },
        ),
        micro: table('products', {
          ...own,
          sku: text(),
          attribute_set_id: integer(),
          type_id: text(),
          has_options: boolean(),
          required_options: boolean(),
          ...times,
        }),
      },
      columns: {
        entity_id: 'magento_id',
        sku: 'sku',
        attribute_set_id: 'attribute_set_id',
        type_id: 'type_id',
        has_options: ['has_options', flag],
        required_options: ['required_options', flag],
        ...sameTimes,
      },
    }),
    categories: entity({
      ...toServices,
      tables: {
        magento: table(
          'catalog_category_entity',
          {
            entity_id: integer(),
            parent_id: integer(),
            attribute_set_id: integer(),
            path: text(),
            position: integer(),
            level: integer(),
            ...times,
          },
          { key: ['entity_id'] },
        ),
        micro: table('categories', {
          ...own,
          parent_id: uuid().nullable(),
          attribute_set_id: integer(),
          path: text(),
          position: integer(),
          level: integer(),
          ...times,
        }),
      },
      columns: {
        entity_id: 'magento_id',
        parent_id: ['parent_id', parentOrRoot],
        attribute_set_id: 'attribute_set_id',
        path: 'path',
        position: 'position',
        level: 'level',
        ...sameTimes,
      },
      references: { parent_id: 'categories' },
    }),
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
    stock_items: entity({
      ...toServices,
      tables: {
        magento: table(
          'cataloginventory_stock_item',
          {
            item_id: integer(),
            product_id: integer(),
            stock_id: integer(),
            website_id: integer(),
            qty: decimal().nullable(),
            is_in_stock: integer(),
          },
          { key: ['item_id'] },
        ),
        micro: table('stock_items', {
          ...own,
          product_id: uuid(),
          stock_id: integer(),
          website_id: integer(),
          quantity: decimal().nullable(),
          is_in_stock: boolean(),
        }),
      },
      columns: {
        item_id: 'magento_id',
        product_id: 'product_id',
        stock_id: 'stock_id',
        website_id: 'website_id',
        qty: 'quantity',
        is_in_stock: ['is_in_stock', flag],
      },
      references: { product_id: 'products' },
    }),
    coupons: entity({
      ...toServices,
      tables: {
        magento: table(
          'salesrule_coupon',
          {
            coupon_id: integer(),
            rule_id: integer(),
            code: text().nullable(),
            usage_limit: integer().nullable(),
            times_used: integer(),
            expiration_date: timestamp().nullable(),
            created_at: timestamptz().nullable(),
          },
          { key: ['coupon_id'] },
        ),
        micro: table('coupons', {
          ...own,
          rule_id: integer(),
          code: text().nullable(),
          usage_limit: integer().nullable(),
          times_used: integer(),
          expires_at: timestamp().nullable(),
          created_at: timestamptz().nullable(),
        }),
      },
      columns: {
        coupon_id: 'magento_id',
        rule_id: 'rule_id',
        code: 'code',
        usage_limit: 'usage_limit',
        times_used: 'times_used',
        expiration_date: 'expires_at',
        created_at: 'created_at',
      },
    }),
  },
  effects: publications,
});

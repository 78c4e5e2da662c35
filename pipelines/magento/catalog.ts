import { z } from 'zod';
import { boolean, decimal, integer, text, timestamp, timestamptz, uuid } from '../../src/pipeline/columns.ts';
import { entity, table } from '../../src/pipeline/define.ts';
import { flag, own, sameTimes, times, toServices } from './shared.ts';

/** The categories at the root have the parent 0. */
const parentOrRoot = z.codec(integer(), uuid().nullable(), {
  decode: (key) => (key === '0' ? null : key),
  encode: (key) => key ?? '0',
});

/** The catalog, warehouse and promotion services. */
export const catalogEntities = {
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
};

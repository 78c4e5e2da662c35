import { boolean, integer, text, uuid } from '../../src/pipeline/columns.ts';
import { entity, table } from '../../src/pipeline/define.ts';
import { flag, own, sameTimes, times, toServices } from './shared.ts';

/** The customer service. */
export const customerEntities = {
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
};

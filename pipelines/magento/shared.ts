import { z } from 'zod';
import { boolean, integer, text, timestamptz, uuid } from '../../src/pipeline/columns.ts';

/** A SMALLINT of 0 and 1. */
export const flag = z.codec(integer(), boolean(), {
  decode: (number) => number !== '0',
  encode: (truth) => (truth ? '1' : '0'),
});

export const times = { created_at: timestamptz(), updated_at: timestamptz() };
export const sameTimes = { created_at: 'created_at', updated_at: 'updated_at' };

/** Every table of the services has these. */
export const own = {
  id: uuid(),
  magento_id: integer(),
  source: text(),
  synced_at: timestamptz(),
  deleted_at: timestamptz().nullable(),
};

/** From the shop to the services only; the same row has the same UUID everywhere, whatever comes first. */
export const toServices = {
  direction: 'one_way',
  key: 'uuid',
  stamps: { deletedAt: 'deleted_at', syncedAt: 'synced_at', constants: { source: 'magento' } },
} as const;

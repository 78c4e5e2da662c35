import { boolean, decimal, integer, text, timestamptz } from '../../src/pipeline/columns.ts';
import { entity, table } from '../../src/pipeline/define.ts';
import type { TableColumns } from '../../src/pipeline/define.ts';

const times = { created_at: timestamptz(), updated_at: timestamptz() };
const numbered = { id: integer() };
const named = { id: text() };

/** A table that the dialler has under the same name, with the same columns and keys. */
function mirrored(name: string, key: TableColumns, columns: TableColumns) {
  const all = { ...columns, ...times };
  return entity({
    direction: 'one_way',
    key: 'same',
    tables: {
      replica: table(name, { ...key, ...all }),
      dialler: table(name, { ...key, ...all }),
    },
    columns: Object.fromEntries(Object.keys(all).map((column) => [column, column])),
  });
}

export const entities = {
  users: mirrored('users', numbered, {
    first_name: text().nullable(),
    last_name: text().nullable(),
    email: text().nullable(),
    phone_number: text().nullable(),
    status: text().nullable(),
    is_enabled: boolean().nullable(),
    introducer: text().nullable(),
    solicitor: text().nullable(),
    current_user_address_id: text().nullable(),
    last_login: timestamptz().nullable(),
  }),
  user_addresses: mirrored('user_addresses', named, {
    full_address: text().nullable(),
    post_code: text().nullable(),
    county: text().nullable(),
  }),
  claims: mirrored('claims', numbered, {
    user_id: integer(),
    type: text().nullable(),
    status: text().nullable(),
    lender: text().nullable(),
    solicitor: text().nullable(),
    client_last_updated_at: timestamptz().nullable(),
  }),
  claim_requirements: mirrored('claim_requirements', named, {
    claim_id: integer(),
    type: text().nullable(),
    status: text().nullable(),
    claim_requirement_reason: text().nullable(),
  }),
  claim_vehicle_packages: mirrored('claim_vehicle_packages', numbered, {
    claim_id: integer(),
    vehicle_registration: text().nullable(),
    vehicle_make: text().nullable(),
    vehicle_model: text().nullable(),
    dealership_name: text().nullable(),
    monthly_payment: decimal().nullable(),
  }),
};

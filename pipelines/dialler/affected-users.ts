import type { EffectContext } from '../../src/pipeline/effects.ts';
import type { Sql } from '../../src/pipeline/tools.ts';

/** Ids of the users whose context shows the rows that changed, in the dialler's database as it is now. */
export type AffectedUsers = (applied: readonly EffectContext[], sql: Sql) => Promise<string[]>;

/** What a column held before and after the changes. */
const valuesOf = (applied: readonly EffectContext[], column: string): string[] =>
  unique(applied.flatMap(({ row, before }) => [row?.[column], before?.[column]]));

const keysOf = (applied: readonly EffectContext[]): string[] =>
  unique(applied.flatMap(({ event }) => [event.primary_key, event.previous_key]));

const unique = (values: readonly unknown[]): string[] => [
  ...new Set(values.filter((value) => value !== null && value !== undefined).map(String)),
];

/** Of a claim that is not there yet its own change tells. */
const ownersOfClaims: AffectedUsers = async (applied, sql) => {
  const claims = valuesOf(applied, 'claim_id');
  const found = await sql.query('SELECT DISTINCT user_id FROM claims WHERE id = ANY($1::bigint[])', [claims]);
  return unique(found.map(({ user_id: id }) => id));
};

export const affectedUsers = {
  users: (applied) => Promise.resolve(keysOf(applied)),
  claims: (applied) => Promise.resolve(valuesOf(applied, 'user_id')),
  claim_requirements: ownersOfClaims,
  claim_vehicle_packages: ownersOfClaims,
  user_addresses: async (applied, sql) => {
    const found = await sql.query('SELECT id FROM users WHERE current_user_address_id = ANY($1)', [
      keysOf(applied),
    ]);
    return unique(found.map(({ id }) => id));
  },
} satisfies Record<string, AffectedUsers>;

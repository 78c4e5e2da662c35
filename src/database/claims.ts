import sql, { empty, join, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { Claim, ClaimKey, ClaimScope } from './contract.ts';
import type { Ledger } from './ledger.ts';
import type { Session } from './session.ts';

const taken = 'another transaction claimed the row first';

const isOf = ({ pipeline, entity }: ClaimScope): Sql =>
  sql`pipeline = ${pipeline} AND entity_type = ${entity}`;

export async function findClaim(
  ledger: Ledger,
  session: Session,
  of: ClaimScope,
  key: ClaimKey,
  how: { lock: boolean },
): Promise<Claim | null> {
  const [claim] = await findClaims(ledger, session, of, [key], how);
  return claim ?? null;
}

/** `findClaim` of many: an answer for each key, in their order. The keys are all of one kind. */
export async function findClaims(
  ledger: Ledger,
  session: Session,
  of: ClaimScope,
  keys: readonly ClaimKey[],
  { lock }: { lock: boolean },
): Promise<(Claim | null)[]> {
  const column = keys.every((key) => 'fixedKey' in key) ? raw('fixed_key') : raw('other_key');
  const wanted = keys.map((key) => ('fixedKey' in key ? key.fixedKey : key.otherKey));
  const { rows } = await session.query(
    sql`SELECT fixed_key, other_key FROM ${ledger.table('identity_claims')}
      WHERE ${isOf(of)} AND ${column} IN (${join([...new Set(wanted)])})${lock ? raw(' FOR UPDATE') : empty}`,
  );
  const found = new Map(
    rows.map((row) => [
      row[column.text],
      { fixedKey: row['fixed_key'] as string, otherKey: row['other_key'] as string | null },
    ]),
  );
  return wanted.map((key) => found.get(key) ?? null);
}

/** All of them, or none: throws `contention` where a key is claimed meanwhile. */
export const insertClaims = (
  ledger: Ledger,
  session: Session,
  { pipeline, entity }: ClaimScope,
  claims: readonly Claim[],
): Promise<void> =>
  ledger.first(
    session,
    sql`INSERT INTO ${ledger.table('identity_claims')} (pipeline, entity_type, fixed_key, other_key)
      VALUES ${join(
        claims.map(({ fixedKey, otherKey }) => sql`(${pipeline}, ${entity}, ${fixedKey}, ${otherKey})`),
      )}`,
    taken,
  );

export const updateClaim = (
  ledger: Ledger,
  session: Session,
  of: ClaimScope,
  fixedKey: string,
  claim: Claim,
): Promise<void> =>
  ledger.first(
    session,
    sql`UPDATE ${ledger.table('identity_claims')}
      SET fixed_key = ${claim.fixedKey}, other_key = ${claim.otherKey}
      WHERE ${isOf(of)} AND fixed_key = ${fixedKey}`,
    taken,
  );

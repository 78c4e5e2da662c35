import sql, { empty, raw } from 'sql-template-tag';
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
  { lock }: { lock: boolean },
): Promise<Claim | null> {
  const is = 'fixedKey' in key ? sql`fixed_key = ${key.fixedKey}` : sql`other_key = ${key.otherKey}`;
  const { rows } = await session.query(
    sql`SELECT fixed_key, other_key FROM ${ledger.table('identity_claims')}
      WHERE ${isOf(of)} AND ${is}${lock ? raw(' FOR UPDATE') : empty}`,
  );
  const [row] = rows;
  return row ? { fixedKey: row['fixed_key'] as string, otherKey: row['other_key'] as string | null } : null;
}

export const insertClaim = (
  ledger: Ledger,
  session: Session,
  { pipeline, entity }: ClaimScope,
  { fixedKey, otherKey }: Claim,
): Promise<void> =>
  ledger.first(
    session,
    sql`INSERT INTO ${ledger.table('identity_claims')} (pipeline, entity_type, fixed_key, other_key)
      VALUES (${pipeline}, ${entity}, ${fixedKey}, ${otherKey})`,
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

import sql from 'sql-template-tag';
import type { Identity, IdentityKey } from '../contract.ts';
import type { Ledger } from '../ledger.ts';
import { identityOf } from '../ledger-row.ts';
import type { LedgerRow } from '../ledger-row.ts';
import type { Session } from '../session.ts';

/**
 * The identity under an exclusive lock, made where it is new. An upsert that changes nothing: two transactions queue
 * up at it and never deadlock. Throws `constraint` where the target row belongs to another source row.
 */
export async function lockIdentity(
  ledger: Ledger,
  session: Session,
  { pipeline, entity, sourceSide, sourceKey, targetSide }: IdentityKey,
  targetKeyIfNew: string | null,
): Promise<Identity> {
  const { rows } = await session.query(
    sql`INSERT INTO ${ledger.table('entity_mappings')} AS identity
        (pipeline, entity_type, source_side, source_key, target_side, target_key)
      VALUES (${pipeline}, ${entity}, ${sourceSide}, ${sourceKey}, ${targetSide}, ${targetKeyIfNew})
      ON CONFLICT (pipeline, entity_type, source_side, source_key, target_side)
        DO UPDATE SET source_key = excluded.source_key
      RETURNING identity.*`,
  );
  return identityOf(rows[0] as unknown as LedgerRow);
}

import sql from 'sql-template-tag';
import { SyncError } from '../../errors/sync-error.ts';
import type { Identity, IdentityKey } from '../contract.ts';
import type { Ledger } from '../ledger.ts';
import { identityOf } from '../ledger-row.ts';
import type { LedgerRow } from '../ledger-row.ts';
import type { Session } from '../session.ts';

/**
 * The identity under an exclusive lock, made where it is new. An upsert that changes nothing: two transactions queue
 * up at it and never deadlock. ON DUPLICATE KEY fires on the target's key too; then the row asked for is not there:
 * throws `constraint`, since the target row belongs to another source row.
 */
export async function lockIdentity(
  ledger: Ledger,
  session: Session,
  key: IdentityKey,
  targetKeyIfNew: string | null,
): Promise<Identity> {
  const table = ledger.table('entity_mappings');
  const { pipeline, entity, sourceSide, sourceKey, targetSide } = key;
  await session.query(
    sql`INSERT INTO ${table} (pipeline, entity_type, source_side, source_key, target_side, target_key)
      VALUES (${pipeline}, ${entity}, ${sourceSide}, ${sourceKey}, ${targetSide}, ${targetKeyIfNew})
      ON DUPLICATE KEY UPDATE source_key = ${table}.source_key`,
  );
  const { rows } = await session.query(
    sql`SELECT * FROM ${table} WHERE ${ledger.identityIs(key)} FOR UPDATE`,
  );
  const [row] = rows;
  if (row === undefined)
    throw new SyncError('constraint', 'the target row is the row of another source row', {
      constraint: 'entity_mappings_target',
    });
  return identityOf(row as unknown as LedgerRow);
}

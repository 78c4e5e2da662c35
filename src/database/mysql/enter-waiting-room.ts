import sql from 'sql-template-tag';
import type { WaitingEvent } from '../contract.ts';
import type { Ledger } from '../ledger.ts';
import type { Session } from '../session.ts';
import { waitingColumns, waitingValues } from '../waiting-room.ts';

/** An event that is there already keeps its place and waits for this now. */
export async function enterWaitingRoom(ledger: Ledger, session: Session, event: WaitingEvent): Promise<void> {
  const { entity, side, key, counter } = event.awaits;
  await session.query(
    sql`INSERT INTO ${ledger.table('waiting_events')} (${waitingColumns}) VALUES (${waitingValues(event)})
      ON DUPLICATE KEY UPDATE awaited_entity = ${entity}, awaited_side = ${side}, awaited_key = ${key},
        awaited_version = ${counter}, own_version = ${event.ownCounter}, woken_at = NULL, seen_at = CURRENT_TIMESTAMP(6)`,
  );
}

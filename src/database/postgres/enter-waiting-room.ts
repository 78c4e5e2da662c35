import sql from 'sql-template-tag';
import type { WaitingEvent } from '../contract.ts';
import type { Ledger } from '../ledger.ts';
import type { Session } from '../session.ts';
import { waitingColumns, waitingValues } from '../waiting-room.ts';

/** An event that is there already keeps its place and waits for this now. */
export async function enterWaitingRoom(ledger: Ledger, session: Session, event: WaitingEvent): Promise<void> {
  await session.query(
    sql`INSERT INTO ${ledger.table('waiting_events')} (${waitingColumns}) VALUES (${waitingValues(event)})
      ON CONFLICT (event_id) DO UPDATE SET awaited_entity = excluded.awaited_entity,
        awaited_side = excluded.awaited_side, awaited_key = excluded.awaited_key,
        awaited_version = excluded.awaited_version, own_version = excluded.own_version, woken_at = NULL, seen_at = CURRENT_TIMESTAMP(6)`,
  );
}

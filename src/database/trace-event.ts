import sql from 'sql-template-tag';
import type { ProcessedEvent, StoredConflict } from './contract.ts';
import type { Ledger } from './ledger.ts';
import { conflictOf, isoOf, processedOf } from './ledger-row.ts';
import type { Session } from './session.ts';

/** All that one ledger knows of an event that came, or was to come, to its side. */
export interface LedgerTrace {
  /** Null while it has no outcome; `at` by the clock of the database, ISO 8601. */
  processed: (ProcessedEvent & { at: string }) | null;
  conflicts: readonly StoredConflict[];
  /** Present while it waits for another row: for one of which entity on which side, and since when. */
  waiting: {
    pipeline: string;
    entity: string;
    awaited: { entity: string; side: string };
    since: string;
  } | null;
}

export async function traceEvent(ledger: Ledger, session: Session, eventId: string): Promise<LedgerTrace> {
  const rowsOf = async (table: 'processed_events' | 'waiting_events' | 'conflicts') => {
    const { rows } = await session.query(
      sql`SELECT * FROM ${ledger.table(table)} WHERE event_id = ${eventId}`,
    );
    return rows;
  };
  const [processed] = await rowsOf('processed_events');
  const [waiting] = await rowsOf('waiting_events');
  return {
    processed: processed ? { ...processedOf(processed), at: isoOf(processed['processed_at']) } : null,
    conflicts: (await rowsOf('conflicts')).map(conflictOf),
    waiting: waiting
      ? {
          pipeline: waiting['pipeline'] as string,
          entity: waiting['entity_type'] as string,
          awaited: {
            entity: waiting['awaited_entity'] as string,
            side: waiting['awaited_side'] as string,
          },
          since: isoOf(waiting['entered_at']),
        }
      : null,
  };
}

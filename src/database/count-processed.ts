import sql from 'sql-template-tag';
import type { Ledger } from './ledger.ts';
import type { Session } from './session.ts';

/** Events of an entity that came to one outcome. */
export interface ProcessedCount {
  entity: string;
  /** As the ledger holds it: a newer version of Tandem may have written a word this one does not know. */
  outcome: string;
  events: number;
}

/** See `LedgerDatabase.countProcessed`. It reads the index on `processed_at` from a minute ago on, however large the ledger is. */
export async function countProcessed(
  ledger: Ledger,
  session: Session,
  pipeline: string,
): Promise<ProcessedCount[]> {
  const { rows } = await session.query(
    sql`SELECT entity_type, outcome, COUNT(*) AS events FROM ${ledger.table('processed_events')}
      WHERE processed_at > CURRENT_TIMESTAMP(6) - INTERVAL '60' SECOND AND pipeline = ${pipeline}
      GROUP BY entity_type, outcome`,
  );
  return rows.map((row) => ({
    entity: row['entity_type'] as string,
    outcome: row['outcome'] as string,
    events: Number(row['events']),
  }));
}

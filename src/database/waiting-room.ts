import sql, { join, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { IdentityKey, WaitingEvent } from './contract.ts';
import type { Ledger } from './ledger.ts';
import { isoOf } from './ledger-row.ts';
import type { Session } from './session.ts';

/** Seconds until an event that was taken, and has neither left nor been found to wait on, is taken again. */
const againAfter = raw('60');

/** Nobody is waking it just now. */
const isFree = sql`(w.woken_at IS NULL OR w.woken_at < CURRENT_TIMESTAMP(6) - INTERVAL '${againAfter}' SECOND)`;

/** Which events of a pipeline have waited for too long. */
export interface Overdue {
  pipeline: string;
  /** Awaited. */
  entity: string;
  /** Where its changes, and the events that wait for them, come from. */
  side: string;
  atMost: number;
  /** By the time at which an event entered the room, milliseconds since the epoch. Of two the later is not if the earlier is not. */
  isOverdue: (enteredAt: number) => Promise<boolean>;
}

/** Columns and values of an event in the room; both engines' upserts write them. */
export const waitingColumns = sql`event_id, pipeline, entity_type, source_side, source_key, target_side,
  awaited_entity, awaited_side, awaited_key, awaited_version, own_version`;

export const waitingValues = ({ eventId, row, awaits, ownCounter }: WaitingEvent): Sql =>
  sql`${eventId}, ${row.pipeline}, ${row.entity}, ${row.sourceSide}, ${row.sourceKey}, ${row.targetSide},
  ${awaits.entity}, ${awaits.side}, ${awaits.key}, ${awaits.counter}, ${ownCounter}`;

export async function leaveWaitingRoom(
  ledger: Ledger,
  session: Session,
  eventIds: readonly string[],
): Promise<void> {
  if (eventIds.length === 0) return;
  await session.query(
    sql`DELETE FROM ${ledger.table('waiting_events')} WHERE event_id IN (${join(eventIds)})`,
  );
}

/** See `LedgerDatabase.takeWoken`. One query, and one more where somebody is to be woken. */
export async function takeWoken(
  ledger: Ledger,
  session: Session,
  { pipeline, outstanding }: { pipeline: string; outstanding: number },
): Promise<string[]> {
  const changedWhere = (entity: Sql, key: Sql, version: Sql) =>
    sql`SELECT w.event_id, w.entered_at, w.woken_at FROM ${ledger.table('waiting_events')} w
      JOIN ${ledger.table('entity_mappings')} m
        ON m.pipeline = w.pipeline AND m.entity_type = ${entity} AND m.source_side = w.source_side
        AND m.target_side = w.target_side AND ${key}
      WHERE w.pipeline = ${pipeline} AND m.version > ${version}
        AND ${isFree}`;
  const awaited = (side: 'source' | 'target') =>
    changedWhere(
      raw('w.awaited_entity'),
      raw(`m.${side}_key = w.awaited_key AND w.awaited_side = w.${side}_side`),
      raw('w.awaited_version'),
    );
  const own = changedWhere(raw('w.entity_type'), raw('m.source_key = w.source_key'), raw('w.own_version'));
  const taken = sql`SELECT COUNT(*) FROM ${ledger.table('waiting_events')} w
    WHERE w.pipeline = ${pipeline} AND w.woken_at >= CURRENT_TIMESTAMP(6) - INTERVAL '${againAfter}' SECOND`;
  const { rows } = await session.query(
    sql`SELECT event_id, (${taken}) AS taken FROM (${awaited('source')} UNION ${awaited('target')} UNION ${own}) woken
      ORDER BY CASE WHEN woken_at IS NULL THEN 0 ELSE 1 END, entered_at LIMIT ${raw(String(outstanding))}`,
  );
  const room = Math.max(0, outstanding - Number(rows[0]?.['taken'] ?? 0));
  const eventIds = rows.slice(0, room).map((row) => row['event_id'] as string);
  await noteWoken(ledger, session, eventIds);
  return eventIds;
}

async function noteWoken(ledger: Ledger, session: Session, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await session.query(
    sql`UPDATE ${ledger.table('waiting_events')} SET woken_at = CURRENT_TIMESTAMP(6)
      WHERE event_id IN (${join([...eventIds])})`,
  );
}

/** See `LedgerDatabase.takeOverdue`. */
export async function takeOverdue(
  ledger: Ledger,
  session: Session,
  { pipeline, entity, side, atMost, isOverdue }: Overdue,
): Promise<string[]> {
  const { rows } = await session.query(
    sql`SELECT event_id, entered_at FROM ${ledger.table('waiting_events')} w
      WHERE pipeline = ${pipeline} AND awaited_entity = ${entity} AND source_side = ${side} AND ${isFree}
      ORDER BY entered_at LIMIT ${raw(String(atMost))}`,
  );
  const eventIds: string[] = [];
  for (const { event_id: id, entered_at: at } of rows) {
    if (!(await isOverdue(Date.parse(isoOf(at))))) break;
    eventIds.push(id as string);
  }
  await noteWoken(ledger, session, eventIds);
  return eventIds;
}

export async function findWaiting(
  ledger: Ledger,
  session: Session,
  row: IdentityKey,
): Promise<WaitingEvent | null> {
  const { rows } = await session.query(
    sql`SELECT * FROM ${ledger.table('waiting_events')} WHERE ${ledger.identityIs(row)} LIMIT 1`,
  );
  const [found] = rows as unknown as WaitingRow[];
  if (!found) return null;
  return {
    eventId: found.event_id,
    row,
    awaits: {
      entity: found.awaited_entity,
      side: found.awaited_side,
      key: found.awaited_key,
      counter: String(found.awaited_version),
    },
    ownCounter: String(found.own_version),
  };
}

interface WaitingRow {
  event_id: string;
  awaited_entity: string;
  awaited_side: string;
  awaited_key: string;
  awaited_version: string | number;
  own_version: string | number;
}

import { gibibytes, hours, lowShare } from '../log-retention.ts';
import type { LogRetention, NeededLog } from '../log-retention.ts';
import type { PlainConnection } from '../plain-connection.ts';

/** A replication slot, as far as its retention is concerned. */
export interface SlotFacts {
  name: string;
  active: boolean;
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  walStatus: string;
  /** Bytes of log the slot holds. */
  retained: number;
  /** Bytes until it is lost; null without `max_slot_wal_keep_size`. */
  safeBytes: number | null;
  /** `max_slot_wal_keep_size` in bytes; null without a limit. */
  keepBytes: number | null;
  /** Seconds since nobody reads it; null while somebody does, or before PostgreSQL 17. */
  inactiveSeconds: number | null;
  /** `idle_replication_slot_timeout` (PostgreSQL 18); null without one. */
  idleLimitSeconds: number | null;
}

/** What a slot may hold where nothing limits it, before it is told as a danger to the disk. */
const unlimitedBytes = 10 * 2 ** 30;

const readAgain =
  'start the connector, or raise max_slot_wal_keep_size: ALTER SYSTEM SET …; SELECT pg_reload_conf()';

export function judgeSlot(slot: SlotFacts): LogRetention {
  const { name, active, walStatus, retained, safeBytes, keepBytes, inactiveSeconds, idleLimitSeconds } = slot;
  const secondsLeft =
    idleLimitSeconds === null || inactiveSeconds === null
      ? null
      : Math.max(0, idleLimitSeconds - inactiveSeconds);
  const left = { bytesLeft: safeBytes === null ? null : Math.max(0, safeBytes), secondsLeft };
  if (walStatus === 'lost')
    return {
      state: 'lost',
      found: `slot ${name} has lost log that was not read`,
      repair: `SELECT pg_drop_replication_slot('${name}'), delete the connector's offsets and let it take a new snapshot`,
      ...left,
    };
  const held = `slot ${name} holds ${gibibytes(retained)}${active ? '' : ' and nobody reads it'}`;
  const limits = [
    keepBytes === null ? 'no limit is set' : `of ${gibibytes(keepBytes)}`,
    ...(secondsLeft === null ? [] : [`${hours(secondsLeft)} until it is dropped as idle`]),
  ].join(', ');
  const low =
    walStatus === 'unreserved' ||
    (keepBytes !== null && safeBytes !== null && safeBytes < keepBytes * lowShare) ||
    (idleLimitSeconds !== null && secondsLeft !== null && secondsLeft < idleLimitSeconds * lowShare) ||
    (keepBytes === null && retained > unlimitedBytes);
  return {
    state: low ? 'running_out' : 'kept',
    found: `${held}, ${limits}`,
    repair: low ? readAgain : null,
    ...left,
  };
}

const number = (value: unknown): number | null => (value === null ? null : Number(value));

/** The slot the connector reads by. Needs no privilege. */
export async function inspectRetention(
  connection: PlainConnection,
  { config, offset }: NeededLog,
): Promise<LogRetention> {
  const unknown = { state: 'unknown', repair: null, secondsLeft: null, bytesLeft: null } as const;
  const name = config?.['slot.name'];
  if (name === undefined) return { ...unknown, found: 'no connector names a slot' };
  // As JSON: columns and settings differ between versions.
  const [row] = await connection.query(
    `SELECT to_jsonb(slot) AS slot,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
         restart_lsn)::text AS retained,
       pg_size_bytes(current_setting('max_slot_wal_keep_size'))::text AS keep,
       extract(epoch FROM now() - (to_jsonb(slot) ->> 'inactive_since')::timestamptz)::text AS inactive,
       extract(epoch FROM current_setting('idle_replication_slot_timeout', true)::interval)::text AS idle_limit
     FROM pg_replication_slots slot WHERE slot_name = $1`,
    [name],
  );
  if (row === undefined) {
    if (offset === null) return { ...unknown, found: `slot ${name} was not made yet` };
    return {
      ...unknown,
      state: 'lost',
      found: `slot ${name} is gone: what was not read is not kept`,
      repair: "delete the connector's offsets and let it take a new snapshot",
    };
  }
  const slot = row['slot'] as { active: boolean; wal_status: string | null; safe_wal_size: number | null };
  const keep = Number(row['keep']);
  const idle = Number(row['idle_limit'] ?? 0);
  return judgeSlot({
    name,
    active: slot.active,
    walStatus: slot.wal_status ?? 'lost',
    retained: Number(row['retained'] ?? 0),
    safeBytes: number(slot.safe_wal_size),
    keepBytes: keep < 0 ? null : keep,
    inactiveSeconds: slot.active ? null : number(row['inactive']),
    idleLimitSeconds: idle > 0 ? idle : null,
  });
}

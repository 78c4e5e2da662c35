import { gibibytes, hours, lowShare } from '../log-retention.ts';
import type { LogRetention, NeededLog } from '../log-retention.ts';
import type { PlainConnection } from '../plain-connection.ts';

/** The server's binary log files, and where a connector stands in them. */
export interface BinaryLogFacts {
  /** Oldest first. */
  files: readonly { name: string; bytes: number }[];
  /** The file the connector reads next. */
  file: string;
  /** Whether the server still has every transaction the connector lacks, by GTID; null where that cannot be told. */
  complete: boolean | null;
  /** Seconds since the last change the connector read was committed; null where unknown. */
  ageSeconds: number | null;
  /** `binlog_expire_logs_seconds`; null: files are kept for ever. */
  expireSeconds: number | null;
}

const raise = 'start the connector, or SET PERSIST binlog_expire_logs_seconds to more';

/**
 * A file is removed once its last change is older than the limit, never the one that is written. Its last change is
 * not older than the last one the connector read of it, so what is told as left is at most what is left.
 */
export function judgeBinaryLogs({
  files,
  file,
  complete,
  ageSeconds,
  expireSeconds,
}: BinaryLogFacts): LogRetention {
  const at = files.findIndex(({ name }) => name === file);
  if (complete === false || (complete === null && at < 0))
    return {
      state: 'lost',
      found: `the server no longer has ${file}, from which the connector has to read on`,
      repair: "delete the connector's offsets and let it take a new snapshot",
      secondsLeft: 0,
      bytesLeft: null,
    };
  const waiting = files.slice(Math.max(0, at));
  const kept = expireSeconds === null ? 'kept for ever' : `kept for ${hours(expireSeconds)}`;
  const found = `${file} is needed, ${gibibytes(waiting.reduce((sum, { bytes }) => sum + bytes, 0))} from it on, ${kept}`;
  const current = at >= 0 && waiting.length === 1;
  const secondsLeft =
    expireSeconds === null
      ? null
      : current || ageSeconds === null
        ? expireSeconds
        : Math.max(0, expireSeconds - ageSeconds);
  const low = expireSeconds !== null && secondsLeft !== null && secondsLeft < expireSeconds * lowShare;
  return {
    state: low ? 'running_out' : 'kept',
    found: low ? `${found}, ${hours(secondsLeft)} left` : found,
    repair: low ? raise : null,
    secondsLeft,
    bytesLeft: null,
  };
}

/** MySQL's number for a missing privilege. */
const notPermitted = 1227;

/** The binary log files against the connector's offset. Needs REPLICATION CLIENT. */
export async function inspectRetention(
  connection: PlainConnection,
  { offset }: NeededLog,
): Promise<LogRetention> {
  const unknown = { state: 'unknown', repair: null, secondsLeft: null, bytesLeft: null } as const;
  const file = offset?.['file'];
  if (typeof file !== 'string') return { ...unknown, found: 'the connector has committed no position yet' };
  let files: BinaryLogFacts['files'];
  try {
    files = (await connection.query('SHOW BINARY LOGS')).map((row) => ({
      name: String(row['Log_name']),
      bytes: Number(row['File_size']),
    }));
  } catch (error) {
    if ((error as { errno?: unknown }).errno !== notPermitted) throw error;
    return {
      ...unknown,
      found: 'this role may not see the binary log files',
      repair: 'GRANT REPLICATION CLIENT ON *.* TO this role',
    };
  }
  const [settings] = await connection.query(
    'SELECT @@binlog_expire_logs_seconds AS expire, UNIX_TIMESTAMP() AS now',
  );
  const expire = Number(settings?.['expire'] ?? 0);
  const read = offset?.['ts_sec'];
  return judgeBinaryLogs({
    files,
    file,
    complete: await isComplete(connection, offset?.['gtids']),
    ageSeconds: typeof read === 'number' && read > 0 ? Number(settings?.['now']) - read : null,
    expireSeconds: expire > 0 ? expire : null,
  });
}

/** What the server has purged, the connector has read. */
async function isComplete(connection: PlainConnection, gtids: unknown): Promise<boolean | null> {
  if (typeof gtids !== 'string' || gtids === '') return null;
  const [row] = await connection
    .query('SELECT GTID_SUBSET(@@global.gtid_purged, ?) AS complete', [gtids])
    .catch(() => []);
  return row === undefined ? null : Number(row['complete']) === 1;
}

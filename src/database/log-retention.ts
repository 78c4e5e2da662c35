/** What a connector still needs of its side's log, as Kafka Connect tells. */
export interface NeededLog {
  /** The connector's configuration; null where it is not registered. */
  config: Readonly<Record<string, string>> | null;
  /** The source offset it committed last; null where it committed none. */
  offset: Readonly<Record<string, unknown>> | null;
}

/**
 * Whether the server still has the log a connector needs. `running_out`: it may remove it soon. `lost`: it has removed it,
 * and changes that were not captured are gone. `unknown`: it cannot be told, `found` says why.
 */
export interface LogRetention {
  state: 'kept' | 'running_out' | 'lost' | 'unknown';
  /** What stands, in a few words. */
  found: string;
  /** What to run or to set; null where it is kept. */
  repair: string | null;
  /** Seconds until what is needed may be removed; null where the server does not count by time. */
  secondsLeft: number | null;
  /** Bytes the log may grow by until then; null where the server does not count by size. */
  bytesLeft: number | null;
}

/** Retention runs out when less than this share of it is left. */
export const lowShare = 0.2;

export const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
export const hours = (seconds: number): string => `${(seconds / 3600).toFixed(1)} h`;

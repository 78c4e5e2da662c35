import type { PlainConnection } from './plain-connection.ts';

export interface CanaryPlace {
  admin: PlainConnection;
  /** As Tandem's role, which is let in. */
  own: PlainConnection;
  /** What the connector reads by; null where the engine has none. */
  publication: string | null;
}

/** Key, who wrote, and the seeds' source column. */
export const canaryColumns =
  'id varchar(64) NOT NULL PRIMARY KEY, written_as varchar(20) NOT NULL, source varchar(20)';

/** How long a canary waits for another in the same ledger, seconds. */
export const canaryLockSeconds = 30;

import type { IdentityKey } from './contract.ts';

/** An identity whose row was deleted, as housekeeping sees it. */
export interface OldTombstone {
  sourceKey: string;
  targetKey: string | null;
  clock: bigint;
  /** Of the identity: it is forgotten only while it has not changed since. */
  counter: bigint;
}

interface LocalTombstones {
  pipeline: string;
  entity: string;
  side: string;
  /** Deleted before, by the row clock and by the ledger's own. */
  before: Date;
}

/** What housekeeping asks of a side's ledger. Each call is one short transaction. */
export interface LedgerRetention {
  /** Ids of events processed before, oldest first. */
  oldEvents(of: { pipeline: string; before: Date; limit: number }): Promise<string[]>;
  /** How many there were. */
  forgetEvents(ids: readonly string[]): Promise<number>;
  /** Keys of rows this side's own app deleted before, and not again since. */
  oldLocalTombstones(of: LocalTombstones & { limit: number }): Promise<string[]>;
  forgetLocalTombstones(of: LocalTombstones & { keys: readonly string[] }): Promise<number>;
  /** Identities with a tombstone from before that did not change since, in the order of (clock, source key). */
  oldTombstones(of: {
    pipeline: string;
    entity: string;
    sourceSide: string;
    targetSide: string;
    before: Date;
    after: OldTombstone | null;
    limit: number;
  }): Promise<OldTombstone[]>;
  /** False where it has changed since, and stays. */
  forgetIdentity(key: IdentityKey, counter: bigint): Promise<boolean>;
}

import type { FindingKind, SeenPair, VerifyRow } from './verify-row.ts';

/** An entity's table on its first side and on its other one. */
export interface VerifiedEntity {
  entity: string;
  side: string;
  other: string;
  twoWay: boolean;
}

/**
 * What is gone through of an entity, in this order. `rows`: the rows of a side, compared with their partners, or looked at for
 * having one. `mappings`: what the ledger of `side` knows of rows that come to it.
 */
export interface VerifyPart extends VerifiedEntity {
  part: 'rows' | 'mappings';
  /** Of the two sides the one that is gone through. */
  of: string;
}

/** How what differs is repaired. */
export interface RepairOrder {
  /** The side whose rows are right; null: the conflict policy says so for each row. */
  from: string | null;
  /** Only says what would be written. */
  dryRun: boolean;
}

/** For so long rows that differ are given to come to rest, milliseconds. */
export const defaultSettleMs = 600_000;

/** Input of `verify`. */
export interface VerifyInput {
  pipeline: string;
  /** Parents before children. */
  parts: readonly VerifyPart[];
  /** Row clock, microseconds since the epoch: only rows that were changed then or later; null: all. */
  since: string | null;
  /** About so many rows of each table, the same ones on no two runs; null: all. */
  sample: number | null;
  rowsPerSecond: number | null;
  /** Null: nothing is repaired. */
  repair: RepairOrder | null;
  /** For so long a row that differs is looked at again until no change of it is under way, milliseconds. */
  settleMs: number;
  /** Where an earlier run left off when its history had grown; absent at the start. */
  progress?: VerifyProgress;
}

/** A row that differs so far. */
export interface Suspect extends SeenPair {
  /** Since when it has been as it is, ISO 8601: the time before it was first seen so. */
  since: string;
  /** When it was first seen to differ, ISO 8601. */
  first: string;
}

/** A row without a partner, for finding the one whose mapping is lost. */
export interface Unpaired {
  finding: Finding & { side: string };
  /** Hash of what both of a pair have alike. */
  fingerprint: string | null;
}

/** A row, or a mapping, that is wrong. */
export interface Finding extends SeenPair {
  kind: FindingKind;
  /** Where the row is missing; null for other kinds. */
  side: string | null;
  /** When it was first seen to differ, ISO 8601. */
  first: string;
  /** Columns of the first side. */
  columns: readonly string[];
  /** Values of the first of them; a few rows have them. */
  values?: readonly VerifyRow[];
}

/** A row with its values, as an example. */
export interface Example {
  key: string | null;
  other: string | null;
  /** Of a column that differs. */
  value?: VerifyRow;
}

export interface ColumnDifferences {
  rows: number;
  examples: readonly Example[];
}

/** What a repair writes, or would. */
export interface PlannedWrite {
  entity: string;
  side: string;
  key: string | null;
  write: 'insert' | 'update' | 'delete' | 'link' | 'forget';
  /** As they are and as they are to be. */
  columns: readonly { name: string; before: string | null; after: string | null }[];
}

export interface EntityReport extends VerifiedEntity {
  /** Rows gone through, by side; with `sample` or `since` only those looked at. */
  rows: Readonly<Record<string, number>>;
  /** Of the tables; null: not counted. */
  totals: Readonly<Record<string, number | null>>;
  mappings: number;
  /** Rows that differed at first and do not any more: their changes were under way. */
  settled: number;
  /** Rows whose changes were still under way when it was time to go on. */
  moving: number;
  /** What is wrong: `different`, `missing on legacy` and so on. */
  found: Readonly<Record<string, { rows: number; examples: readonly Example[] }>>;
  columns: Readonly<Record<string, ColumnDifferences>>;
  repaired: number;
  /** What was not repaired, by the reason. */
  left: Readonly<Record<string, number>>;
  startedAt: string | null;
  endedAt: string | null;
}

export interface VerifyProgress {
  startedAt: string;
  /** Of `VerifyInput.parts`. */
  part: number;
  /** Canonical key up to which the part is done; null at its beginning. */
  after: string | null;
  /** All of the part was looked at; what differed may not be settled yet. */
  ended: boolean;
  suspects: readonly Suspect[];
  unpaired: readonly Unpaired[];
  entities: readonly EntityReport[];
  planned: readonly PlannedWrite[];
  /** Planned writes beyond those that are kept. */
  plannedMore: number;
  paused: boolean;
}

/** Answer of the query `status`, and the workflow's result; payload-typed, since examples hold values. */
export interface VerifyStatus {
  pipeline: string;
  state: 'running' | 'settling' | 'paused' | 'done';
  /** Null where nothing was repaired. */
  repair: RepairOrder | null;
  sample: number | null;
  since: string | null;
  startedAt: string;
  endedAt: string | null;
  entities: readonly EntityReport[];
  planned: readonly PlannedWrite[];
  plannedMore: number;
  /** Rows a second of late; null where it cannot be told. */
  rate: number | null;
}

/** What came of one look at some rows. */
export interface Compared {
  rows: number;
  /** Canonical key up to which the part is done; null: to its end. */
  last: string | null;
  suspects: readonly SeenPair[];
  /** Before the rows were read, ISO 8601. */
  at: string;
}

/** What came of a suspect. */
export type Rechecked =
  | { state: 'agreed' }
  | { state: 'moving'; suspect: Suspect }
  | { state: 'found'; finding: Finding; fingerprint: string | null };

export type Repaired =
  | { state: 'done'; writes: readonly PlannedWrite[] }
  /** It is not what it was when it was found. */
  | { state: 'changed' }
  | { state: 'left'; why: string };

interface OfEntity {
  pipeline: string;
  entity: VerifiedEntity;
}

export interface VerifyActivities {
  /** Metrics and log of an entity's end. */
  tellVerified(input: { pipeline: string; report: EntityReport }): Promise<void>;
  countVerified(input: { pipeline: string; part: VerifyPart; since: string | null }): Promise<number>;
  /** Compares the next rows of a part, for some seconds or up to so many rows; only reads. */
  compareRows(
    input: { pipeline: string; part: VerifyPart } & Pick<VerifyInput, 'since'> & {
        after: string | null;
        /** Of a thousand million rows so many are looked at; null: all. */
        share: number | null;
        /** Makes it other rows in another run. */
        run: string;
        mostRows: number | null;
      },
  ): Promise<Compared>;
  /** Looks at suspects again: `found` only where no change of the row can be under way any more. Only reads. */
  recheckRows(input: OfEntity & { suspects: readonly Suspect[] }): Promise<Rechecked[]>;
  /**
   * Repairs what was found by new versions through apply, each only while it still is as it was found. Doing it again
   * changes nothing of what was done.
   */
  repairRows(
    input: OfEntity & { findings: readonly Finding[]; order: RepairOrder; run: string },
  ): Promise<Repaired[]>;
}

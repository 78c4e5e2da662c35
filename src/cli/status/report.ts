import type { LogRetention } from '../../database/log-retention.ts';
import type { Engine } from '../../pipeline/define.ts';
import type { ConnectorState } from '../../process/connectors/watch.ts';
import type { PauseReason } from '../../temporal/pause.ts';
import type { OpenPause } from '../../temporal/pauses.ts';
import type { ListedJob } from '../list-jobs.ts';
import type { Told } from './told.ts';

/** What `tandem status --json` prints. No row value and no password is in it. */
export interface StatusReport {
  /** When it was asked, ISO 8601. */
  at: string;
  /** Nothing needs an operator: exit code 0. */
  ok: boolean;
  /** What needs an operator, a line each; empty where `ok`. */
  problems: readonly string[];
  pipelines: readonly PipelineStatus[];
}

export interface PipelineStatus {
  pipeline: string;
  /** One for each direction an entity flows in, parents before children. */
  entities: readonly EntityStatus[];
  sides: readonly SideStatus[];
  /** Of the whole pipeline, records that could not be parsed included: they are of no entity. */
  work: Told<OpenEvents>;
  pauses: Told<readonly OpenPause[]>;
  jobs: Told<readonly ListedJob[]>;
  /** Web UI lists of the events that need somebody to look. */
  links: { deadLetters: string; inTrouble: string };
}

/** Events that Temporal holds, by visibility: it may run a second behind. */
export interface OpenEvents {
  /** Running `syncChange` and `syncBatch` workflows. */
  inFlight: number;
  /** Of these, those that failed and are tried again, or are held by a pause. */
  retrying: number;
  /** Of these, those that wait for another row. */
  waiting: number;
  /** Open dead letters, and conflicts that wait for a decision. */
  deadLetters: number;
}

/** An entity in one direction. */
export interface EntityStatus {
  entity: string;
  from: string;
  to: string;
  /** Events brought to an end in the last minute, by outcome, from the ledger of `to`. A sixtieth of their sum is the rate. */
  lastMinute: Told<Readonly<Record<string, number>>>;
  /** Records of its topic that the consumer has not taken; null where topic or queue carry other entities as well. */
  unread: Told<number> | null;
  /**
   * Seconds since the oldest unapplied event was committed on its source; 0: caught up. Null where nobody knows: Temporal
   * is away, or all that is unapplied stands unread in its topic.
   */
  lagSeconds: number | null;
  work: Told<OpenEvents>;
  /** Why its events are paused; empty: they are not, or Temporal is away. */
  paused: readonly PauseReason[];
}

export interface SideStatus {
  side: string;
  engine: Engine;
  /** The time it took to answer, milliseconds. */
  database: Told<{ answerMs: number }>;
  /** How its changes come; null where none are captured. */
  feed: 'kafka' | 'sqs' | 'polling' | null;
  /** Null unless the feed is kafka. */
  connector: Told<ConnectorLook> | null;
  /** Who takes its records or messages; null where the feed is neither kafka nor sqs. */
  reader: Told<ReaderLook> | null;
  /** Whether the database still has the log the connector needs, and for how long; null unless the feed is kafka. */
  log: Told<LogRetention> | null;
  /** Null unless the feed is polling. */
  poll: Told<{ running: boolean }> | null;
}

export interface ConnectorLook {
  name: string;
  /** Of the connector and its tasks together. */
  state: ConnectorState;
  tasks: readonly { id: number; state: string }[];
  /** Why it failed, outermost first. */
  cause: readonly string[];
}

export interface ReaderLook {
  /** The consumer group, or the queue. */
  name: string;
  /** Members of the group; null for a queue, which knows none. */
  members: number | null;
  /** Records or messages that are not taken yet; of a queue also those that are being worked on. */
  unread: number;
}

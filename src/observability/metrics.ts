import type { ConflictType, Outcome } from '../change/outcome.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import type { EchoLayer, Label, Step } from './names.ts';

export type SyncStatusLabel = Outcome | 'replayed' | 'failed';
export type AlertPostLabel = 'sent' | 'failed';
export type CacheReadLabel = 'hit' | 'miss' | 'away';

export interface MetricDescription {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly Label[];
  help: string;
}

export interface Metrics {
  /** An event came to its end; `seconds` since its commit on the source, null where that says nothing. */
  synced(of: { table: string; status: SyncStatusLabel; seconds: number | null }): void;
  /** A step of an event, or one try of it, took so long. */
  stepped(of: { table: string; step: Step; seconds: number }): void;
  /** A dead letter was opened. */
  deadLetterRaised(of: { table: string; errorType: ErrorClass }): void;
  /** One try failed. */
  failed(of: { table: string; errorType: ErrorClass }): void;
  /** Tandem's own write came back and was dropped. */
  echoed(of: { table: string; layer: EchoLayer }): void;
  /** An event met a change of the target's own app, and both versions were recorded. */
  conflicted(of: { table: string; type: ConflictType; verdict: 'applied' | 'kept' }): void;
  /** A comparison of a table ended; `type`: what is wrong with so many rows, `moving` or `repaired`. */
  verified(of: { table: string; type: string; rows: number }): void;
  /** An event's row clock was further ahead of this machine than the limit. */
  fromTheFuture(of: { table: string }): void;
  /** One batch was read from a feed. */
  read(records: number): void;
  inFlight(events: number): void;
  deadLetters(open: number): void;
  ingestLag(records: number): void;
  /** A trouble was detected, or is gone. */
  trouble(of: { trouble: string; name: string }, open: boolean): void;
  /** Tandem asked Kafka Connect to restart what failed of a connector. */
  connectorRestarted(connector: string): void;
  /** How long and how far a side's log still reaches back beyond what its connector needs; null: no such limit. */
  logHeadroom(side: string, headroom: { seconds: number | null; bytes: number | null }): void;
  /** A pause began: what was detected. */
  pauseBegan(of: { scope: string; reason: string }): void;
  /** A pause ended: what was repaired. */
  pauseEnded(of: { scope: string; reason: string; by: string }): void;
  /** The webhook was sent an alert, and took it or not. */
  alertPosted(result: AlertPostLabel): void;
  /** A value was asked of the cache. */
  cacheRead(result: CacheReadLabel): void;
  /** An endpoint answered; `path` as its pipeline writes it. */
  endpointAnswered(of: { path: string; status: number; seconds: number }): void;
  /** Where open pauses are read from at every scrape. */
  pausesFrom(read: () => readonly { scope: string; reason: string }[]): void;
  /** Replaces the lag of every table; a table left out keeps its last figure. Asked at every scrape. */
  lagFrom(read: () => ReadonlyMap<string, number>): void;
  /** Where more text in the Prometheus format is read from at every scrape. */
  textFrom(read: () => Promise<string>): void;
  /** Makes the series of these tables exist at zero, so that a rate can be taken from the first event on. */
  declareTables(tables: readonly string[]): void;
  /** Tandem's own metrics, without those of the process. */
  described(): readonly MetricDescription[];
  /** Events brought to an end so far, by table. */
  totals(): Promise<ReadonlyMap<string, number>>;
  contentType: string;
  /** Text of all metrics in the Prometheus format. */
  expose(): Promise<string>;
}

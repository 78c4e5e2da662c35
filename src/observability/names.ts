/**
 * Names of metrics and labels, with unit and meaning: dashboards and alerts hold them.
 * The label `table` is `<side>.<table>`: the captured table of the event, on the side where the change happened.
 */
export const tableLabel = (table: { side: string; name: string }): string => `${table.side}.${table.name}`;

export const labels = {
  /** `<side>.<table>` of the event's source. */
  table: 'table',
  /**
   * An outcome (`applied`, `unchanged`, `stale`, …), `replayed`, or `failed` for an event that became a dead letter; of an
   * endpoint's answer, its HTTP status.
   */
  status: 'status',
  /** An error class. */
  errorType: 'error_type',
  /** What recognised an echo: `origin`, `source`, `tombstone`. */
  layer: 'layer',
  /** A conflict type: `insert_exists`, `update_origin_differs`, … */
  type: 'type',
  /** Which version of a conflict is kept: `applied` (the event's) or `kept` (the row's). */
  verdict: 'verdict',
  /** A named trouble: `connector_failed`, `consumer_stuck`, `log_running_out`, … */
  trouble: 'trouble',
  /** What the trouble is with: a connector, a side or a table. */
  name: 'name',
  connector: 'connector',
  side: 'side',
  /** What is paused: `<pipeline>`, `<pipeline>/<entity>` or `<pipeline>/<side>`. */
  scope: 'scope',
  /** Why it is paused: `operator`, `fuse`, `schema`, `log_restarted`. */
  reason: 'reason',
  /** What ended a pause: `operator`, `trial`, `cancellation`. */
  by: 'by',
  /** How a value of the cache was come by: `hit`, `miss`, or `away` where the cache did not answer. */
  result: 'result',
  /** Of an endpoint, as its pipeline writes it: `/users/:id`. */
  path: 'path',
} as const;

/** Layers that recognise Tandem's own writes, in the order in which they are asked. */
export type EchoLayer = 'origin' | 'source' | 'tombstone';

export const metricNames = {
  /** Seconds, histogram: from a change's commit on its source to its outcome. */
  duration: 'sync_duration_seconds',
  /** Events, counter: brought to an end. */
  total: 'sync_total',
  /** Tries, counter: tries that failed, whether or not a later one succeeded. */
  errors: 'sync_errors_total',
  /** Seconds, gauge: now minus the source commit time of the oldest unapplied event; 0 when caught up. */
  lag: 'sync_lag_seconds',
  /** Records, histogram: one batch read from a change feed. */
  batchSize: 'sync_batch_size',
  /** Dead letters, gauge: open. */
  deadLetters: 'sync_dead_letters',
  /** Events, gauge: durably held by Temporal and not yet at their end. */
  inFlight: 'sync_in_flight',
  /** Records, gauge: in the change feed and not yet held by Temporal. */
  ingestLag: 'sync_ingest_lag_records',
  /** Events, counter: Tandem's own writes that came back and were dropped. */
  echoes: 'sync_echo_total',
  /** Conflicts, counter: recorded, once per event. */
  conflicts: 'sync_conflicts_total',
  /** Events, counter: their row clock was ahead of the machine that applied them by more than the limit. */
  fromTheFuture: 'sync_clock_ahead_total',
  /** Troubles, gauge: 1 while one lasts. */
  troubles: 'sync_trouble',
  /** Troubles, counter: detected. */
  troublesDetected: 'sync_trouble_detected_total',
  /** Troubles, counter: gone again, whoever repaired them. */
  troublesRepaired: 'sync_trouble_repaired_total',
  /** Restarts, counter: of connectors that failed, asked for by Tandem. */
  connectorRestarts: 'sync_connector_restarts_total',
  /** Seconds, gauge: until the log a connector needs may be removed. */
  logHeadroomSeconds: 'sync_log_headroom_seconds',
  /** Bytes, gauge: the log may grow by before what a connector needs is removed. */
  logHeadroomBytes: 'sync_log_headroom_bytes',
  /** Pauses, gauge: open. */
  paused: 'sync_paused',
  /** Pauses, counter: begun. */
  pauses: 'sync_pauses_total',
  /** Pauses, counter: ended. */
  resumes: 'sync_resumes_total',
  /** Reads, counter: from the cache. */
  cacheReads: 'tandem_cache_reads_total',
  /** Seconds, histogram: from an endpoint's request to its answer. */
  endpoints: 'tandem_endpoint_seconds',
} as const;

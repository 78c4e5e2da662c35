import type { SyncStep } from '../temporal/messages.ts';

/**
 * Names of metrics and labels: dashboards and alerts hold them. What a metric means is its help in `metrics.ts`;
 * docs/metrics.md is made of both.
 * The label `table` is `<side>.<table>`: the captured table of the event, on the side where the change happened.
 */
export const tableLabel = (table: { side: string; name: string }): string => `${table.side}.${table.name}`;

export const labels = {
  table: 'table',
  status: 'status',
  errorType: 'error_type',
  layer: 'layer',
  type: 'type',
  verdict: 'verdict',
  trouble: 'trouble',
  name: 'name',
  connector: 'connector',
  side: 'side',
  scope: 'scope',
  reason: 'reason',
  by: 'by',
  result: 'result',
  path: 'path',
  step: 'step',
} as const;

export type Label = (typeof labels)[keyof typeof labels];

/** What a label may say. */
export const labelMeanings: Readonly<Record<Label, string>> = {
  table: "`<side>.<table>` of the event's source",
  status:
    "an outcome (`applied`, `unchanged`, `stale`, …), `replayed`, or `failed` for an event that became a dead letter; of an endpoint's answer, its HTTP status",
  error_type: 'an error class',
  layer: 'what recognised an echo: `origin`, `source`, `tombstone`',
  type: 'a conflict type: `insert_exists`, `update_origin_differs`, …',
  verdict: "which version of a conflict is kept: `applied` (the event's) or `kept` (the row's)",
  trouble: 'a named trouble: `connector_failed`, `consumer_stuck`, `log_running_out`, …',
  name: 'what the trouble is with: a connector, a side or a table',
  connector: 'name of a connector',
  side: 'name of a side',
  scope: 'what is paused: `<pipeline>`, `<pipeline>/<entity>` or `<pipeline>/<side>`',
  reason: 'why it is paused: `operator`, `fuse`, `schema`, `log_restarted`',
  by: 'what ended a pause: `operator`, `trial`, `cancellation`',
  result:
    'how a value of the cache was come by: `hit`, `miss`, or `away` where the cache did not answer; of an alert `sent` or `failed`',
  path: 'path of an endpoint, as its pipeline writes it: `/users/:id`',
  step: '`capture`: from the commit on the source to the record read; `ingest`: until Temporal holds it, or a batch it is in; then each try of `transformChange`, `resolveIdentity`, `upsertRow` and `runEffects`, of events that are not in a batch',
};

/** Steps of an event that are timed: two of ingest, then the verbs. */
export type Step = 'capture' | 'ingest' | SyncStep;

/** Layers that recognise Tandem's own writes, in the order in which they are asked. */
export type EchoLayer = 'origin' | 'source' | 'tombstone';

export const metricNames = {
  duration: 'sync_duration_seconds',
  step: 'sync_step_seconds',
  total: 'sync_total',
  errors: 'sync_errors_total',
  lag: 'sync_lag_seconds',
  batchSize: 'sync_batch_size',
  deadLetters: 'sync_dead_letters',
  deadLettersRaised: 'sync_dead_letters_raised_total',
  inFlight: 'sync_in_flight',
  ingestLag: 'sync_ingest_lag_records',
  echoes: 'sync_echo_total',
  conflicts: 'sync_conflicts_total',
  verified: 'sync_verify_rows_total',
  fromTheFuture: 'sync_clock_ahead_total',
  troubles: 'sync_trouble',
  troublesDetected: 'sync_trouble_detected_total',
  troublesRepaired: 'sync_trouble_repaired_total',
  connectorRestarts: 'sync_connector_restarts_total',
  logHeadroomSeconds: 'sync_log_headroom_seconds',
  logHeadroomBytes: 'sync_log_headroom_bytes',
  paused: 'sync_paused',
  pauses: 'sync_pauses_total',
  resumes: 'sync_resumes_total',
  alerts: 'sync_alerts_total',
  cacheReads: 'tandem_cache_reads_total',
  endpoints: 'tandem_endpoint_seconds',
} as const;

/** What each metric counts, or is measured in. */
export const metricUnits: Readonly<Record<keyof typeof metricNames, string>> = {
  duration: 'seconds',
  step: 'seconds',
  total: 'events',
  errors: 'tries',
  lag: 'seconds',
  batchSize: 'records',
  deadLetters: 'dead letters',
  deadLettersRaised: 'dead letters',
  inFlight: 'events',
  ingestLag: 'records',
  echoes: 'events',
  conflicts: 'conflicts',
  verified: 'rows',
  fromTheFuture: 'events',
  troubles: 'troubles',
  troublesDetected: 'troubles',
  troublesRepaired: 'troubles',
  connectorRestarts: 'restarts',
  logHeadroomSeconds: 'seconds',
  logHeadroomBytes: 'bytes',
  paused: 'pauses',
  pauses: 'pauses',
  resumes: 'pauses',
  alerts: 'alerts',
  cacheReads: 'reads',
  endpoints: 'seconds',
};

/** What Temporal's SDK tells that is charted, or worth a look; it tells more. */
export const sdkMetrics = [
  {
    name: 'temporal_workflow_task_schedule_to_start_latency_seconds',
    type: 'histogram',
    meaning: 'How long workflow tasks waited for a worker. It grows where there are too few.',
  },
  {
    name: 'temporal_activity_schedule_to_start_latency_seconds',
    type: 'histogram',
    meaning: 'The same of regular activities: events in trouble, batches, jobs.',
  },
  {
    name: 'temporal_worker_task_slots_available',
    type: 'gauge',
    meaning: 'Free slots by `worker_type`; 0 for long: raise `SYNC_WORKER_SLOTS` and `SYNC_POOL_SIZE`.',
  },
  { name: 'temporal_request_total', type: 'counter', meaning: 'Calls to the server, by `operation`.' },
  {
    name: 'temporal_request_failure_total',
    type: 'counter',
    meaning:
      'Calls that failed, by `operation` and `status_code`; `ALREADY_EXISTS` and `NOT_FOUND` are answers that are expected.',
  },
  {
    name: 'temporal_activity_execution_latency_seconds',
    type: 'histogram',
    meaning: 'Seconds of one try of a regular activity, by `activity_type`.',
  },
  {
    name: 'temporal_local_activity_execution_latency_seconds',
    type: 'histogram',
    meaning: 'The same of local ones: `applyChange` is the fast path of an event.',
  },
  {
    name: 'temporal_workflow_endtoend_latency_seconds',
    type: 'histogram',
    meaning: 'Seconds from start to end of workflows, by `workflow_type`.',
  },
] as const;

/** Labels of theirs by which is charted. */
export const sdkLabels = ['operation', 'worker_type'] as const;

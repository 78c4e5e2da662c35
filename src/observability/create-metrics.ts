import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { MetricDescription, Metrics } from './metrics.ts';
import { labels, metricNames } from './names.ts';
import type { Label } from './names.ts';

const { table, status, errorType, layer, type, verdict, scope, reason, by, result, path, step } = labels;
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

/** Metrics in a registry of their own, so that two in one process (tests) do not meet. */
export function createMetrics(options: { processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });

  const duration = new Histogram({
    name: metricNames.duration,
    help: 'Seconds from the commit of a change on its source to its outcome.',
    labelNames: [table, status],
    buckets: seconds,
    registers,
  });
  const steps = new Histogram({
    name: metricNames.step,
    help: 'Seconds that a step of an event took, or one try of it.',
    labelNames: [table, step],
    buckets: seconds,
    registers,
  });
  const total = new Counter({
    name: metricNames.total,
    help: 'Change events brought to an end, by outcome.',
    labelNames: [table, status],
    registers,
  });
  const errors = new Counter({
    name: metricNames.errors,
    help: 'Tries that failed, by error class, whether or not a later one succeeded.',
    labelNames: [table, errorType],
    registers,
  });
  const raised = new Counter({
    name: metricNames.deadLettersRaised,
    help: 'Dead letters opened, by the error class of what failed.',
    labelNames: [table, errorType],
    registers,
  });
  const echoes = new Counter({
    name: metricNames.echoes,
    help: "Tandem's own writes that came back and were dropped, by what recognised them.",
    labelNames: [table, layer],
    registers,
  });
  const conflicts = new Counter({
    name: metricNames.conflicts,
    help: 'Conflicts recorded, once per event, by type and by which version is kept.',
    labelNames: [table, type, verdict],
    registers,
  });
  const verified = new Counter({
    name: metricNames.verified,
    help: 'Rows that comparisons found wrong, by what is wrong; `moving`: still under way; `repaired` among the wrong.',
    labelNames: [table, type],
    registers,
  });
  const fromTheFuture = new Counter({
    name: metricNames.fromTheFuture,
    help: 'Change events whose row clock was ahead of the machine that applied them by more than the limit.',
    labelNames: [table],
    registers,
  });
  const batchSize = new Histogram({
    name: metricNames.batchSize,
    help: 'Records in one batch read from a change feed.',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500],
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const deadLetters = gauge(metricNames.deadLetters, 'Open dead letters.');
  const inFlight = gauge(metricNames.inFlight, 'Change events held by Temporal and not yet at their end.');
  const ingestLag = gauge(metricNames.ingestLag, 'Records in the change feed not yet held by Temporal.');

  const pauses = new Counter({
    name: metricNames.pauses,
    help: 'Pauses that began, by what and why.',
    labelNames: [scope, reason],
    registers,
  });
  const resumes = new Counter({
    name: metricNames.resumes,
    help: 'Pauses that ended, by what ended them.',
    labelNames: [scope, reason, by],
    registers,
  });
  let readPauses: () => readonly { scope: string; reason: string }[] = () => [];
  const paused = new Gauge({
    name: metricNames.paused,
    help: 'Open pauses, by what and why.',
    labelNames: [scope, reason],
    registers,
    collect() {
      this.reset();
      for (const pause of readPauses()) paused.inc(pause);
    },
  });

  let readLag: () => ReadonlyMap<string, number> = () => new Map();
  const lag = new Gauge({
    name: metricNames.lag,
    help: 'Seconds since the source commit of the oldest unapplied change event; 0 when caught up.',
    labelNames: [table],
    registers,
    collect() {
      for (const [name, behind] of readLag()) this.set({ table: name }, behind);
    },
  });

  const troubleLabels = [labels.trouble, labels.name] as const;
  const troubles = new Gauge({
    name: metricNames.troubles,
    help: 'Troubles that last, by name: 1 each.',
    labelNames: troubleLabels,
    registers,
  });
  const troubleCounter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: troubleLabels, registers });
  const detected = troubleCounter(metricNames.troublesDetected, 'Troubles detected.');
  const repaired = troubleCounter(
    metricNames.troublesRepaired,
    'Troubles that are gone again, whoever repaired them.',
  );
  const restarts = new Counter({
    name: metricNames.connectorRestarts,
    help: 'Restarts of connectors that failed, asked for by Tandem.',
    labelNames: [labels.connector],
    registers,
  });
  const headroom = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: [labels.side], registers });
  const headroomSeconds = headroom(
    metricNames.logHeadroomSeconds,
    'Seconds until log that the connector needs may be removed.',
  );
  const headroomBytes = headroom(
    metricNames.logHeadroomBytes,
    'Bytes the log may grow by before what the connector needs is removed.',
  );

  const alerts = new Counter({
    name: metricNames.alerts,
    help: 'Alerts posted to the webhook, by whether it took them; one that is not taken is posted again.',
    labelNames: [result],
    registers,
  });
  const cacheReads = new Counter({
    name: metricNames.cacheReads,
    help: 'Values asked of the cache, by how they were come by.',
    labelNames: [result],
    registers,
  });
  const endpoints = new Histogram({
    name: metricNames.endpoints,
    help: "Seconds from an endpoint's request to its answer.",
    labelNames: [path, status],
    buckets: seconds,
    registers,
  });

  let readText = () => Promise.resolve('');
  return {
    synced({ table, status, seconds }) {
      if (seconds !== null) duration.observe({ table, status }, seconds);
      total.inc({ table, status });
    },
    stepped: ({ table, step, seconds }) => steps.observe({ table, step }, seconds),
    deadLetterRaised: ({ table, errorType }) => raised.inc({ table, error_type: errorType }),
    failed({ table, errorType }) {
      errors.inc({ table, error_type: errorType });
    },
    echoed({ table, layer }) {
      echoes.inc({ table, layer });
    },
    conflicted({ table, type, verdict }) {
      conflicts.inc({ table, type, verdict });
    },
    verified({ table, type, rows }) {
      verified.inc({ table, type }, rows);
    },
    fromTheFuture({ table }) {
      fromTheFuture.inc({ table });
    },
    read(records) {
      batchSize.observe(records);
    },
    inFlight: (events) => inFlight.set(events),
    deadLetters: (open) => deadLetters.set(open),
    ingestLag: (records) => ingestLag.set(records),
    trouble(of, open) {
      (open ? detected : repaired).inc(of);
      if (open) troubles.set(of, 1);
      else troubles.remove(of);
    },
    connectorRestarted: (connector) => restarts.inc({ connector }),
    logHeadroom(side, { seconds, bytes }) {
      const set = (gauge: typeof headroomBytes, value: number | null) =>
        value === null ? gauge.remove({ side }) : gauge.set({ side }, value);
      set(headroomSeconds, seconds);
      set(headroomBytes, bytes);
    },
    pauseBegan: (of) => pauses.inc(of),
    pauseEnded: (of) => resumes.inc(of),
    alertPosted: (result) => alerts.inc({ result }),
    cacheRead: (result) => cacheReads.inc({ result }),
    endpointAnswered: ({ path, status, seconds }) => endpoints.observe({ path, status }, seconds),
    pausesFrom(read) {
      readPauses = read;
    },
    lagFrom(read) {
      readLag = read;
    },
    textFrom(read) {
      readText = read;
    },
    declareTables(tables) {
      for (const table of tables) {
        lag.set({ table }, 0);
        total.inc({ table, status: 'applied' }, 0);
        duration.zero({ table, status: 'applied' });
      }
    },
    async totals() {
      const sums = new Map<string, number>();
      for (const { labels, value } of (await total.get()).values)
        sums.set(String(labels.table), (sums.get(String(labels.table)) ?? 0) + value);
      return sums;
    },
    described: () => Object.values(metricNames).map((name) => describe(registry, name)),
    contentType: registry.contentType,
    expose: async () => (await Promise.all([registry.metrics(), readText()])).join(''),
  };
}

/** prom-client keeps what a metric was made with, and has no type for it. */
function describe(registry: Registry, name: string): MetricDescription {
  const { type, labelNames, help } = registry.getSingleMetric(name) as unknown as {
    type: MetricDescription['type'];
    labelNames: readonly Label[];
    help: string;
  };
  return { name, type, labels: labelNames, help };
}

import { createMetrics } from './create-metrics.ts';
import { labelMeanings, metricNames, metricUnits, sdkMetrics } from './names.ts';

const introduction = `# Metrics

Generated from \`src/observability/names.ts\` and \`create-metrics.ts\` by \`npm run docs:config\`; do not edit.

Every process answers \`:8080/metrics\` (\`METRICS_PORT\`) in the Prometheus format. Several processes report one figure where it is a
gauge: take the largest. Counters and histograms are each process's own: add them up. A histogram \`NAME\` is the series \`NAME_bucket\`,
\`NAME_sum\` and \`NAME_count\`. No label ever holds a row value.

[\`deploy/prometheus/alerts.yaml\`](../deploy/prometheus/alerts.yaml) has alert rules over them, [\`deploy/grafana/tandem.json\`](../deploy/grafana/tandem.json)
is a dashboard to import, and the [runbook](runbook.md) says what to do.`;

const sdkIntroduction = `## Temporal's SDK

Processes that speak to Temporal show what its SDK tells, on the same page, once there is something to tell. By label
\`task_queue\`, which names the pipeline, and others. Of most use:`;

const processes = `## The process itself

Beside these every process shows what prom-client collects of Node.js and the system: \`process_resident_memory_bytes\`,
\`process_cpu_seconds_total\`, \`nodejs_heap_size_used_bytes\`, \`nodejs_eventloop_lag_p99_seconds\` and others.`;

const cell = (text: string) => text.replaceAll('|', '\\|');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map(cell).join(' | ')} |`)
    .join('\n');
}

/** The text of `docs/metrics.md`. */
export function metricsPage(): string {
  const units = new Map(Object.entries(metricNames).map(([key, name]) => [name as string, key]));
  const metrics = createMetrics({ processMetrics: false })
    .described()
    .map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      metricUnits[units.get(name) as keyof typeof metricNames],
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
  const sdk = sdkMetrics.map(({ name, type, meaning }) => [`\`${name}\``, type, meaning]);
  const labels = Object.entries(labelMeanings).map(([label, meaning]) => [`\`${label}\``, meaning]);
  return `${[
    introduction,
    `## Tandem's own\n\n${table(['Metric', 'Type', 'Unit', 'Labels', 'Meaning'], metrics)}`,
    `## Labels\n\n${table(['Label', 'What it says'], labels)}`,
    `${sdkIntroduction}\n\n${table(['Metric', 'Type', 'Meaning'], sdk)}`,
    processes,
  ].join('\n\n')}\n`;
}

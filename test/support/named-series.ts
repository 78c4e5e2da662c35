import { createMetrics } from '../../src/observability/create-metrics.ts';
import { labels, sdkLabels, sdkMetrics } from '../../src/observability/names.ts';

/** Every series name that `/metrics` shows, those of the process included, and of the SDK's those that are documented. */
export async function knownSeries(): Promise<ReadonlySet<string>> {
  const own = (await createMetrics().expose()).matchAll(/^# TYPE (\S+) (\S+)$/gm);
  const sdk = sdkMetrics.map(({ name, type }) => ['', name, type] as const);
  return new Set(
    [...own, ...sdk].flatMap(([, name, type]) =>
      type === 'histogram' ? ['_bucket', '_count', '_sum'].map((suffix) => name + suffix) : [name],
    ),
  );
}

/** Labels that Tandem has, or that a scrape or a histogram adds. */
export const knownLabels: ReadonlySet<string> = new Set([
  ...Object.values(labels),
  ...sdkLabels,
  'instance',
  'le',
]);

/** The series that a PromQL expression names. */
export const seriesIn = (expr: string): string[] =>
  expr.match(/\b(?:sync|tandem|temporal|process|nodejs)_\w+/g) ?? [];

/** The labels by which it groups or chooses. */
export const labelsIn = (expr: string): string[] => [
  ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names]) => names!.split(', ')),
  ...[...expr.matchAll(/[{,]\s*(\w+)[!=]/g)].map(([, name]) => name!),
];

import { createMetrics } from '../../src/observability/metrics.ts';
import { labels } from '../../src/observability/names.ts';

/** Every series name that `/metrics` shows, those of the process included. */
export async function knownSeries(): Promise<ReadonlySet<string>> {
  const types = (await createMetrics().expose()).matchAll(/^# TYPE (\S+) (\S+)$/gm);
  return new Set(
    [...types].flatMap(([, name, type]) =>
      type === 'histogram' ? ['_bucket', '_count', '_sum'].map((suffix) => name! + suffix) : [name!],
    ),
  );
}

/** Labels that Tandem has, or that a scrape or a histogram adds. */
export const knownLabels: ReadonlySet<string> = new Set([...Object.values(labels), 'instance', 'le']);

/** The series that a PromQL expression names. */
export const seriesIn = (expr: string): string[] => expr.match(/\b(?:sync|tandem|process|nodejs)_\w+/g) ?? [];

/** The labels by which it groups or chooses. */
export const labelsIn = (expr: string): string[] => [
  ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names]) => names!.split(', ')),
  ...[...expr.matchAll(/[{,]\s*(\w+)[!=]/g)].map(([, name]) => name!),
];

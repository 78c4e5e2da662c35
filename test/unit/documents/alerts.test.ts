import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { labels } from '../../../src/observability/names.ts';
import { packageRoot } from '../../../src/package-root.ts';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const written = (name: string) => readFileSync(join(packageRoot, name), 'utf8');
const { groups } = parse(written('deploy/prometheus/alerts.yaml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap(({ rules }) => rules);

/** Every series name that `/metrics` shows. */
async function series(): Promise<string[]> {
  const types = (await createMetrics({ processMetrics: false }).expose()).matchAll(/^# TYPE (\S+) (\S+)$/gm);
  return [...types].flatMap(([, name, type]) =>
    type === 'histogram' ? ['_bucket', '_count', '_sum'].map((suffix) => name! + suffix) : [name!],
  );
}

test('an alert names only metrics that Tandem has', async () => {
  const known = await series();
  for (const { alert, expr } of rules) {
    const named = expr.match(/\bsync_\w+/g) ?? [];
    expect([alert, named]).not.toEqual([alert, []]);
    expect([alert, named.filter((name) => !known.includes(name))]).toEqual([alert, []]);
  }
});

test('an alert names only labels that Tandem has, or that a scrape adds', () => {
  const known: string[] = [...Object.values(labels), 'instance'];
  for (const { alert, expr, annotations } of rules) {
    const named = [
      ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names]) => names!.split(', ')),
      ...[...expr.matchAll(/[{,]\s*(\w+)[!=]/g)].map(([, name]) => name!),
      ...[...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name!),
    ];
    expect([alert, named.filter((name) => !known.includes(name))]).toEqual([alert, []]);
  }
});

test('an alert names a place in the troubleshooting page that exists', () => {
  const page = written('docs/troubleshooting.md').replaceAll('`', '');
  const titles = [...page.matchAll(/^#+ (.+)$|^\*\*(.+?)\.?\*\*/gm)].map(
    ([, heading, symptom]) => heading ?? symptom,
  );
  for (const { runbook } of rules.map(({ annotations }) => annotations)) {
    const title = /^docs\/troubleshooting\.md, "([^"]+)"/.exec(runbook)?.[1];
    if (title !== undefined) expect(titles).toContain(title);
    else expect(runbook).not.toContain('docs/');
  }
});

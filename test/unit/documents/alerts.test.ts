import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { troubleKinds } from '../../../src/observability/troubles.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { anchorsOf } from '../../support/anchors.ts';
import { knownLabels, knownSeries, labelsIn, seriesIn } from '../../support/named-series.ts';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

const file = readFileSync(join(packageRoot, 'deploy/prometheus/alerts.yaml'), 'utf8');
const { groups } = parse(file) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap(({ rules }) => rules);

test('an alert names only metrics that Tandem has', async () => {
  const known = await knownSeries();
  for (const { alert, expr } of rules) {
    const named = seriesIn(expr);
    expect([alert, named]).not.toEqual([alert, []]);
    expect([alert, named.filter((name) => !known.has(name))]).toEqual([alert, []]);
  }
});

test('an alert names only labels that Tandem has, or that a scrape adds', () => {
  for (const { alert, expr, annotations } of rules) {
    const told = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name!);
    const named = [...labelsIn(expr), ...told];
    expect([alert, named.filter((name) => !knownLabels.has(name))]).toEqual([alert, []]);
  }
});

test('every alert has its section in the runbook', () => {
  const anchors = anchorsOf('docs/runbook.md');
  for (const { annotations } of rules) {
    const [, anchor = ''] = /^docs\/runbook\.md#(.+)$/.exec(annotations.runbook) ?? [];
    const named = anchor === '{{ $labels.trouble }}' ? troubleKinds : [anchor];
    expect(named.filter((name) => !anchors.has(name))).toEqual([]);
  }
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { metricNames } from '../../../src/observability/names.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { knownLabels, knownSeries, labelsIn, seriesIn } from '../../support/named-series.ts';

interface Panel {
  id: number;
  type: string;
  title: string;
  datasource?: { type: string; uid: string };
  targets?: { expr: string; legendFormat: string; refId: string }[];
  gridPos: { x: number; y: number; w: number; h: number };
}

interface Dashboard {
  panels: Panel[];
  templating: { list: { name: string; type: string; query: string }[] };
}

const file = readFileSync(join(packageRoot, 'deploy/grafana/tandem.json'), 'utf8');
const { panels, templating } = JSON.parse(file) as Dashboard;
const queries = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

test('a panel names only metrics that Tandem has', async () => {
  const known = await knownSeries();
  for (const { title, expr } of queries) {
    const named = seriesIn(expr);
    expect([title, named]).not.toEqual([title, []]);
    expect([title, named.filter((name) => !known.has(name))]).toEqual([title, []]);
  }
});

test('a panel names only labels that Tandem has, or that a scrape or a histogram adds', () => {
  for (const { title, expr, legendFormat } of queries) {
    const told = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!);
    const named = [...labelsIn(expr), ...told];
    expect([title, named.filter((name) => !knownLabels.has(name))]).toEqual([title, []]);
  }
});

test('every metric of Tandem has a panel', () => {
  const named = queries.flatMap(({ expr }) =>
    seriesIn(expr).map((name) => name.replace(/_(bucket|count|sum)$/, '')),
  );
  expect(Object.values(metricNames).filter((name) => !named.includes(name))).toEqual([]);
});

test('every panel asks the chosen data source, and every variable exists', () => {
  const variables = templating.list.map(({ name }) => name);
  expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
  for (const { datasource } of panels.filter(({ type }) => type !== 'row'))
    expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
  const used = [...file.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name!);
  expect(used.filter((name) => !variables.includes(name))).toEqual([]);
});

test('panels have ids of their own and do not overlap', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});

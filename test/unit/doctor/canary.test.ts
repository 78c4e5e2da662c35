import { expect, test } from '@jest/globals';
import { captures, filters } from '../../../src/doctor/canary/captures.ts';
import { judgeCanary } from '../../../src/doctor/canary/judge.ts';
import type { CanaryRun } from '../../../src/doctor/canary/judge.ts';

const app = { writer: 'app', layer: null } as const;
const run = (parts: Partial<CanaryRun>): CanaryRun => ({
  side: 'left',
  pipeline: 'p',
  written: ['mark', 'source'],
  seen: [app, app],
  ended: true,
  filtered: true,
  seconds: 0.42,
  ...parts,
});

test.each([
  ['only the app comes through', {}, ['ok']],
  [
    'without a filter both are known for echoes',
    {
      filtered: false,
      seen: [{ writer: 'mark', layer: 'origin' }, { writer: 'source', layer: 'source' }, app],
    },
    ['ok'],
  ],
  [
    'the filter lets one through that ingest knows',
    { seen: [{ writer: 'mark', layer: 'origin' }, app] },
    ['warn'],
  ],
  ['a marked write is not known', { seen: [{ writer: 'mark', layer: null }, app] }, ['fail']],
  [
    'neither is known',
    {
      seen: [{ writer: 'mark', layer: null }, { writer: 'source', layer: null }, app],
    },
    ['fail', 'fail'],
  ],
  ["the app's write does not come", { seen: [], ended: false }, ['fail']],
  ["the app's write is taken for an echo", { seen: [{ writer: 'app', layer: 'source' }] }, ['fail']],
  ['nothing could tell', { written: [] }, ['fail']],
  ['not all came that could have told', { seen: [app], ended: false }, ['fail']],
] satisfies [string, Partial<CanaryRun>, string[]][])('%s', (_, parts, statuses) => {
  const found = judgeCanary(run(parts));
  expect(found.map(({ status }) => status)).toEqual(statuses);
  for (const { status, repair } of found) expect(repair === null).toBe(status === 'ok');
});

test.each([
  [{ 'table.include.list': 'public.a,tandem.loop_canary' }, true],
  [{ 'table.include.list': String.raw`public\..*, TANDEM\..*` }, true],
  [{ 'table.include.list': 'public.a,xtandem.loop_canary' }, false],
  [{ 'table.include.list': 'loop_canary' }, false],
  [{ 'table.include.list': 'tandem.loop' }, false],
  [{ 'table.include.list': 'tandem.loop_canary', 'database.include.list': 'shop' }, false],
  [{ 'table.include.list': 'tandem.loop_canary', 'database.include.list': 'shop,tandem' }, true],
  [{ 'table.exclude.list': 'tandem.loop_canary' }, false],
  [{}, true],
])('a connector with %j captures the canary: %s', (config, captured) => {
  expect(captures(config as Record<string, string>, 'tandem', 'loop_canary')).toBe(captured);
});

test('a filter counts only where it is in use', () => {
  const type = { 'transforms.filter.type': 'io.debezium.transforms.Filter' };
  expect(filters({ transforms: 'filter,epoch', ...type })).toBe(true);
  expect(filters({ transforms: 'epoch', ...type })).toBe(false);
  expect(filters({})).toBe(false);
});

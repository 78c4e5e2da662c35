import { expect, test } from '@jest/globals';
import { Health } from '../../../src/observability/health.ts';
import { Troubles } from '../../../src/observability/troubles.ts';
import type { Trouble } from '../../../src/observability/troubles.ts';

const trouble = (name: string, more: Partial<Trouble> = {}): Trouble => ({
  kind: 'connector_failed',
  name,
  severity: 'fail',
  message: 'it broke',
  repair: 'mend it',
  ...more,
});

function told() {
  let now = 1000;
  const lines: string[] = [];
  const troubles = new Troubles(
    {
      detected: ({ kind, name }) => lines.push(`detected ${kind} ${name}`),
      repaired: ({ kind, name }, lasted) => lines.push(`repaired ${kind} ${name} after ${lasted}`),
    },
    () => now,
  );
  return { troubles, lines, at: (time: number) => (now = time) };
}

test('a trouble is told once as it comes and once as it goes, whatever it says meanwhile', () => {
  const { troubles, lines, at } = told();
  troubles.report('connectors', [trouble('a')]);
  at(2000);
  troubles.report('connectors', [trouble('a', { message: 'still' }), trouble('b')]);
  expect(troubles.open()).toMatchObject([
    { name: 'a', since: 1000, message: 'still' },
    { name: 'b', since: 2000 },
  ]);
  at(5000);
  troubles.report('connectors', []);
  expect(lines).toEqual([
    'detected connector_failed a',
    'detected connector_failed b',
    'repaired connector_failed a after 4000',
    'repaired connector_failed b after 3000',
  ]);
});

test('a watch answers for its own troubles only', () => {
  const { troubles, lines } = told();
  troubles.report('connectors', [trouble('a')]);
  troubles.report('retention', []);
  expect(troubles.open()).toHaveLength(1);
  expect(lines).toEqual(['detected connector_failed a']);
});

test('/health names troubles and fails for severe ones; /livez does not', async () => {
  const { troubles } = told();
  const health = new Health({ troubles });
  troubles.report('connectors', [trouble('a', { kind: 'connector_paused', severity: 'warn' })]);
  expect(await health.report()).toMatchObject({
    status: 'healthy',
    troubles: [{ trouble: 'connector_paused', name: 'a', since: '1970-01-01T00:00:01.000Z' }],
  });
  troubles.report('retention', [trouble('a', { kind: 'log_lost' })]);
  expect((await health.report()).status).toBe('unhealthy');
  expect(health.livez().ok).toBe(true);
});

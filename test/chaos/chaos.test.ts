import { expect, test } from '@jest/globals';
import { testStack } from '../support/test-stack.ts';
import { modes } from './mode.ts';
import { hasPassed, reportText } from './report.ts';
import { runChaos } from './run-chaos.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 100_000);

test(`a minute of writers on both sides while every part is killed and stopped (seed ${seed}): nothing differs, nothing is lost`, async () => {
  const report = await runChaos({
    stack: testStack(),
    minutes: 1,
    seed,
    mode: modes.full,
    rate: 12,
    keys: false,
    patienceMs: 300_000,
  });
  if (!hasPassed(report)) throw new Error(reportText(report));
  expect(report.faults.length).toBeGreaterThan(0);
}, 700_000);

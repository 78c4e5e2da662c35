import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chaosStack } from '../support/test-stack.ts';
import { lanes } from '../../src/ingest/lane.ts';
import type { Lane } from '../../src/ingest/lane.ts';
import { isModeName, modes } from './mode.ts';
import { hasPassed, reportText } from './report.ts';
import { runChaos } from './run-chaos.ts';

const usage = `npm run test:chaos -- [--minutes 10] [--seed N] [--mode ${Object.keys(modes).join('|')}] [--lane ${lanes.join('|')}] [--rate 12] [--keys] [--report FILE] [--keep] [--port-offset 2000]`;

/** Below this a conflict type may well not occur. */
const longRunMinutes = 5;

function number(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${text} is no number: ${usage}`);
  return value;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    mode: { type: 'string', default: 'full' },
    lane: { type: 'string', default: 'auto' },
    rate: { type: 'string' },
    keys: { type: 'boolean', default: false },
    report: { type: 'string' },
    keep: { type: 'boolean', default: false },
    'port-offset': { type: 'string' },
  },
});
if (!isModeName(values.mode)) throw new Error(`there is no mode ${values.mode}: ${usage}`);
const mode = modes[values.mode];
if (!lanes.includes(values.lane as Lane)) throw new Error(`there is no lane ${values.lane}: ${usage}`);
if (values.keys && !mode.clocked) throw new Error(`--keys needs row clocks: ${usage}`);

const stack = chaosStack(number(values['port-offset'], 2000));
const minutes = number(values.minutes, 10);
try {
  // What earlier runs left would be judged with this one's.
  await stack.down({ wipe: true });
  const report = await runChaos({
    stack,
    minutes,
    seed: number(values.seed, Date.now() % 100_000),
    mode,
    lane: values.lane as Lane,
    rate: number(values.rate, 12),
    keys: values.keys,
    say: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(`${reportText(report)}\n`);
  if (values.report !== undefined) await writeFile(values.report, `${JSON.stringify(report, null, 2)}\n`);
  const unseen = mode.expectedConflicts.filter((type) => !report.conflicts[type]);
  const tooFew = minutes >= longRunMinutes && unseen.length > 0;
  if (tooFew) process.stdout.write(`FAILED: never occurred: ${unseen.join(', ')}\n`);
  process.exitCode = hasPassed(report) && !tooFew ? 0 : 1;
} finally {
  if (!values.keep) await stack.down();
}

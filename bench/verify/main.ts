import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { Environment } from '../../src/process/config/environment.ts';
import { loadPipeline } from '../../src/process/pipelines.ts';
import { prepareDatabases } from '../../src/process/prepare.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import type { VerifyStatus } from '../../src/temporal/verify.ts';
import { benchStack } from '../../test/support/test-stack.ts';
import { nextLine, peakBytes, startChild, stopChild } from '../child.ts';
import { cpuBetween, cpuOf } from '../cpu.ts';
import { writeResult } from '../result-file.ts';
import { damagedEvery, makeRows } from './rows.ts';

const { values } = parseArgs({
  options: {
    /** Posts on each side. */
    rows: { type: 'string', default: '100000' },
    keep: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const say = (line: string) => process.stdout.write(`${line}\n`);

const stack = benchStack();
await stack.down({ wipe: true });
try {
  await stack.up();
  const addresses: Record<string, string | undefined> = {
    ...readEnvFile(stack.folders.env),
    METRICS_PORT: '0',
    HEALTH_PORT: '0',
  };
  await prepareDatabases(await loadPipeline('blog'), new Environment(addresses), { sample: false });
  say(`making ${rows} rows on both sides`);
  await makeRows(
    { legacy: addresses['LEGACY_DATABASE_URL']!, revamp: addresses['REVAMP_DATABASE_URL']! },
    rows,
  );
  const environment = { ...process.env, ...addresses };
  const worker = startChild('./tandem.ts', ['blog', 'worker'], environment);
  try {
    await nextLine(worker);
    const idleBytes = peakBytes(worker);
    const before = cpuOf(stack, [worker]);
    const words = ['verify', 'blog', '--entity', 'posts', '--json'];
    const told = await text(startChild('../src/cli/main.ts', words, environment).stdout!);
    const report = JSON.parse(told) as VerifyStatus;
    const [posts] = report.entities;
    const seconds = (Date.parse(report.endedAt!) - Date.parse(report.startedAt)) / 1000;
    const figures = {
      rows,
      seconds,
      /** Pairs compared a second: each is a row of both sides. */
      pairsPerSecond: rows / seconds,
      found: posts!.found,
      expected: Math.floor(rows / damagedEvery),
      workerBytes: { idle: idleBytes, peak: peakBytes(worker) },
      cpuMsPerPair: cpuBetween(before, cpuOf(stack, [worker]), rows),
      versions: JSON.parse(readFileSync(stack.folders.versions, 'utf8')) as object,
    };
    say(JSON.stringify({ ...figures, versions: undefined }, null, 2));
    say(`written to ${await writeResult('verify-', figures)}`);
  } finally {
    await stopChild(worker);
  }
} finally {
  if (!values.keep) await stack.down();
}

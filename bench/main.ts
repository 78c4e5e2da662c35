import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { packageRoot } from '../src/package-root.ts';
import { readEnvFile } from '../src/stack/env-file.ts';
import { modes } from '../test/chaos/mode.ts';
import { openSystem } from '../test/chaos/system.ts';
import { benchStack } from '../test/support/test-stack.ts';
import { nextLine, startChild } from './child.ts';
import { measureJdbcSink } from './jdbc-sink.ts';
import { measureLane } from './lane.ts';
import { measureRawUpsert } from './raw-upsert.ts';
import { median } from './rate.ts';
import { workloadNames } from './workloads.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    events: { type: 'string', default: '1500' },
    rows: { type: 'string', default: '20000' },
    keep: { type: 'boolean', default: false },
    /** Only measures whose names hold one of these words, apart by commas. */
    only: { type: 'string', default: '' },
  },
});
const [rounds, events, rows] = [values.rounds, values.events, values.rows].map(Number) as [
  number,
  number,
  number,
];
const wanted = (name: string) => values.only.split(';').some((word) => name.includes(word));
const say = (line: string) => process.stdout.write(`${line}\n`);

const stack = benchStack();
// What earlier runs left would be measured with this one's.
await stack.down({ wipe: true });
const found = new Map<string, number[]>();
try {
  await using system = await openSystem(stack, modes.full);
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...readEnvFile(stack.folders.env),
    METRICS_PORT: '0',
    HEALTH_PORT: '0',
  };
  const noop = async () => {
    const args = [environment['TEMPORAL_ADDRESS']!, String(events * 2), '32'];
    const child = startChild('./noop/measure.ts', args, process.env);
    return (JSON.parse(await nextLine(child)) as { perSecond: number }).perSecond;
  };
  const measures: [string, () => Promise<number>][] = [
    ['no-op workflow', noop],
    ...workloadNames.map((workload): [string, () => Promise<number>] => [
      `event lane, ${workload}`,
      () => measureLane(system, environment, { lane: 'event', workload, rows: events }),
    ]),
    ['JDBC sink', () => measureJdbcSink(system, environment, { downloads: stack.folders.downloads, rows })],
    ['bare upsert', () => measureRawUpsert(system.adminUrls.revamp, rows)],
    ...workloadNames.map((workload): [string, () => Promise<number>] => [
      `batch lane, ${workload}`,
      () => measureLane(system, environment, { lane: 'batch', workload, rows }),
    ]),
  ];
  say('warming up');
  await measureLane(system, environment, { lane: 'event', workload: 'match', rows: 100 });
  // In turns: these machines are noisy, and what is noisy then is so for all.
  for (let round = 1; round <= rounds; round++)
    for (const [name, measure] of measures.filter(([name]) => wanted(name))) {
      const rate = await measure();
      found.set(name, [...(found.get(name) ?? []), rate]);
      say(`round ${round} of ${rounds}: ${name}: ${rate.toFixed(1)}/s`);
    }
} finally {
  if (!values.keep) await stack.down();
}

const medians = Object.fromEntries([...found].map(([name, rates]) => [name, median(rates)]));
const ratio = (one: string, other: string) => medians[one]! / medians[other]!;
const ratios = {
  event_lane_to_noop: ratio('event lane, insert', 'no-op workflow'),
  batch_lane_to_jdbc_sink: ratio('batch lane, insert', 'JDBC sink'),
  batch_lane_to_raw_upsert: ratio('batch lane, insert', 'bare upsert'),
  batch_lane_to_event_lane: ratio('batch lane, insert', 'event lane, insert'),
};
const table = new Table({ head: ['what', 'median, /s', 'each'], style: { head: [], border: [] } });
for (const [name, rates] of found)
  table.push([name, medians[name]!.toFixed(1), rates.map((rate) => rate.toFixed(0)).join(' ')]);
say(table.toString());
for (const [name, value] of Object.entries(ratios)) say(`${name}: ${value.toFixed(2)}`);

const at = new Date().toISOString();
const folder = join(packageRoot, 'bench', 'results');
await mkdir(folder, { recursive: true });
const file = join(folder, `${at.slice(0, 16).replaceAll(':', '-')}.json`);
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
};
await writeFile(
  file,
  `${JSON.stringify({ at, machine, rounds, events, rows, perSecond: Object.fromEntries(found), medians, ratios }, null, 2)}\n`,
);
say(`written to ${file}`);

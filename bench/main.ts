import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readEnvFile } from '../src/stack/env-file.ts';
import { modes } from '../test/chaos/mode.ts';
import { openSystem } from '../test/chaos/system.ts';
import { benchStack } from '../test/support/test-stack.ts';
import { measureBackfill } from './backfill.ts';
import { nextLine, startChild } from './child.ts';
import { measureBacklog, measureGrowth } from './growth.ts';
import { measureJdbcSink } from './jdbc-sink.ts';
import { measureLane } from './lane.ts';
import type { LaneRun } from './lane.ts';
import { measureLatency } from './latency.ts';
import type { Latency } from './latency.ts';
import { measurePace } from './pace.ts';
import { measureRawUpsert } from './raw-upsert.ts';
import { median } from './rate.ts';
import { printReport, writeReport } from './report.ts';
import type { Report } from './report.ts';
import { measureSymmetricDs } from './symmetricds.ts';
import { workloadNames } from './workloads.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    events: { type: 'string', default: '1500' },
    rows: { type: 'string', default: '20000' },
    /** Only measures whose names hold one of these words, apart by semicolons. */
    only: { type: 'string', default: '' },
    /** Also what takes an hour: by how much is queued, and by the size of the ledgers. */
    growth: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
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
let versions: object = {};
const report: Report = {
  rounds,
  events,
  rows,
  perSecond: {},
  cpuMs: {},
  latency: {},
  pace: null,
  symmetricDs: null,
  growth: null,
  backlog: null,
};
try {
  await using system = await openSystem(stack, modes.full);
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ...readEnvFile(stack.folders.env),
    METRICS_PORT: '0',
    HEALTH_PORT: '0',
  };
  const lane = async (of: LaneRun) => {
    const { perSecond, cpuMs } = await measureLane(system, environment, of);
    if (of.processes === undefined) report.cpuMs[`${of.lane} lane, ${of.workload}`] = cpuMs;
    return perSecond;
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
      () => lane({ lane: 'event', workload, rows: events }),
    ]),
    [
      'event lane, insert, two processes',
      () => lane({ lane: 'event', workload: 'insert', rows: events, processes: 2 }),
    ],
    ['JDBC sink', () => measureJdbcSink(system, environment, { downloads: stack.folders.downloads, rows })],
    ['bare upsert', () => measureRawUpsert(system.adminUrls.revamp, rows)],
    ...workloadNames.map((workload): [string, () => Promise<number>] => [
      `batch lane, ${workload}`,
      () => lane({ lane: 'batch', workload, rows }),
    ]),
    ['backfill', () => measureBackfill(system, environment, rows)],
  ];
  versions = JSON.parse(readFileSync(stack.folders.versions, 'utf8')) as object;
  say('warming up');
  await lane({ lane: 'event', workload: 'match', rows: 100 });
  // In turns: these machines are noisy, and what is noisy then is so for all.
  for (let round = 1; round <= rounds; round++)
    for (const [name, measure] of measures.filter(([name]) => wanted(name))) {
      const rate = await measure();
      report.perSecond[name] = [...(report.perSecond[name] ?? []), rate];
      say(`round ${round} of ${rounds}: ${name}: ${rate.toFixed(1)}/s`);
    }

  const capacity = report.perSecond['event lane, insert'];
  const paces: [keyof Report['latency'], number, number][] = [
    ['idle', 2, 150],
    ['at_20', 20, 1200],
    ...(capacity ? [['at_half', median(capacity) / 2, 1200] as ['at_half', number, number]] : []),
  ];
  for (const [name, perSecond, count] of paces.filter(([name]) => wanted(`latency, ${name}`))) {
    const latency: Latency = await measureLatency(system, environment, { perSecond, count });
    report.latency[name] = { perSecond, ...latency };
    say(`latency, ${name}: ${latency.p50.toFixed(0)} ms, p99 ${latency.p99.toFixed(0)} ms`);
  }

  if (wanted('pace')) {
    report.pace = await measurePace(system, environment, { perSecond: 1000, coldSeconds: 60, seconds: 60 });
    say(
      `pace: ${report.pace.writtenPerSecond.toFixed(0)}/s, ${report.pace.lagSeconds.p99.toFixed(1)} s behind`,
    );
  }
  if (wanted('SymmetricDS')) {
    report.symmetricDs = await measureSymmetricDs(system, { downloads: stack.folders.downloads, rows });
    say(`SymmetricDS: ${report.symmetricDs.burstPerSecond.toFixed(0)} rows/s of a burst`);
  }

  if (values.growth && wanted('growth'))
    report.growth = await measureGrowth(system, environment, {
      queued: [1000, 10_000, 100_000],
      ledger: [10_000, 100_000, 1_000_000],
      events,
      rows,
    });
  if (values.growth && wanted('backlog'))
    report.backlog = await measureBacklog(system, environment, { rows: 1_000_000, until: 5000 });
} finally {
  if (!values.keep) await stack.down();
}
printReport(report, say);
say(`written to ${await writeReport(report, versions)}`);

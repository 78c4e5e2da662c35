import { setTimeout as delay } from 'node:timers/promises';
import { connectPlain } from '../src/database/plain-connection.ts';
import type { Lane } from '../src/ingest/lane.ts';
import type { System } from '../test/chaos/system.ts';
import { eventually } from '../test/support/eventually.ts';
import { cpuBetween, cpuOf } from './cpu.ts';
import type { CpuMs } from './cpu.ts';
import { nextLine, peakBytes, startChild, stopChild } from './child.ts';
import { middleRate } from './rate.ts';
import { workloads } from './workloads.ts';
import type { Workload } from './workloads.ts';

const patienceMs = 900_000;

export interface LaneRun {
  lane: Lane;
  workload: Workload;
  /** Written before the process starts. */
  rows: number;
  /** After so many of them it ends; default all. */
  until?: number;
  /** Each with ingest and worker; default one. */
  processes?: number;
}

export interface LaneResult {
  perSecond: number;
  /** Largest resident set of a process, bytes. */
  peakBytes: number;
  /** Of an event, between the first tenth of the run and its end. */
  cpuMs: CpuMs;
}

/** What processes of ingest and worker bring from a full topic of the legacy side to the other side. */
export async function measureLane(
  system: System,
  environment: NodeJS.ProcessEnv,
  { lane, workload, rows, until = rows, processes = 1 }: LaneRun,
): Promise<LaneResult> {
  const legacy = await connectPlain('postgres', system.adminUrls.legacy);
  const revamp = await connectPlain('mysql', system.adminUrls.revamp);
  const processed = async () => {
    const [row] = await revamp.query('SELECT COUNT(*) AS n FROM tandem.processed_events');
    return Number(row!['n']);
  };
  try {
    const before = await processed();
    await legacy.query(workloads[workload](rows));
    await eventually(
      'the changes to be in their topic',
      async () => (await system.lag()) >= rows,
      patienceMs,
    );
    const tandem = Array.from({ length: processes }, () =>
      startChild('./tandem.ts', ['blog'], { ...environment, SYNC_LANE: lane }),
    );
    try {
      await Promise.all(tandem.map(nextLine));
      const ends: number[] = [];
      let from: { events: number; cpu: CpuMs } | null = null;
      while (ends.length < until) {
        const done = (await processed()) - before;
        while (ends.length < done) ends.push(performance.now());
        if (from === null && done >= until / 10) from = { events: done, cpu: cpuOf(system.stack, tandem) };
        await delay(20);
      }
      const cpuMs = from
        ? cpuBetween(from.cpu, cpuOf(system.stack, tandem), Math.max(1, ends.length - from.events))
        : {};
      return { perSecond: middleRate(ends), peakBytes: Math.max(...tandem.map(peakBytes)), cpuMs };
    } finally {
      await Promise.all(tandem.map(stopChild));
    }
  } finally {
    await Promise.all([legacy.close(), revamp.close()]);
  }
}

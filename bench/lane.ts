import { setTimeout as delay } from 'node:timers/promises';
import { connectPlain } from '../src/database/plain-connection.ts';
import type { Lane } from '../src/ingest/lane.ts';
import type { System } from '../test/chaos/system.ts';
import { eventually } from '../test/support/eventually.ts';
import { nextLine, startChild, stopChild } from './child.ts';
import { middleRate } from './rate.ts';
import { workloads } from './workloads.ts';
import type { Workload } from './workloads.ts';

export interface LaneRun {
  lane: Lane;
  workload: Workload;
  rows: number;
}

/** Rows per second that one process, ingest and worker, brings from a full topic of the legacy side to the other side. */
export async function measureLane(
  system: System,
  environment: NodeJS.ProcessEnv,
  { lane, workload, rows }: LaneRun,
): Promise<number> {
  const legacy = await connectPlain('postgres', system.adminUrls.legacy);
  const revamp = await connectPlain('mysql', system.adminUrls.revamp);
  const processed = async () => {
    const [row] = await revamp.query('SELECT COUNT(*) AS n FROM tandem.processed_events');
    return Number(row!['n']);
  };
  try {
    const before = await processed();
    await legacy.query(workloads[workload](rows));
    await eventually('the changes to be in their topic', async () => (await system.lag()) >= rows, 300_000);
    const tandem = startChild('./tandem.ts', [], { ...environment, SYNC_LANE: lane });
    try {
      await nextLine(tandem);
      const ends: number[] = [];
      while (ends.length < rows) {
        const done = (await processed()) - before;
        while (ends.length < done) ends.push(performance.now());
        await delay(20);
      }
      return middleRate(ends);
    } finally {
      await stopChild(tandem);
    }
  } finally {
    await Promise.all([legacy.close(), revamp.close()]);
  }
}

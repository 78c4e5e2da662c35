import { text } from 'node:stream/consumers';
import { connectPlain } from '../src/database/plain-connection.ts';
import type { BackfillStatus } from '../src/temporal/backfill.ts';
import type { System } from '../test/chaos/system.ts';
import { drain } from './drain.ts';
import { eventually } from '../test/support/eventually.ts';
import { nextLine, startChild, stopChild } from './child.ts';
import { workloads } from './workloads.ts';

const patienceMs = 600_000;

/**
 * Rows per second that a backfill brings to the other side, which has none of them: of workload `insert`, by one worker
 * whose topics nobody reads meanwhile. What is in the topics is worked off afterwards.
 */
export async function measureBackfill(
  system: System,
  environment: NodeJS.ProcessEnv,
  rows: number,
): Promise<number> {
  const legacy = await connectPlain('postgres', system.adminUrls.legacy);
  try {
    const [last] = await legacy.query('SELECT coalesce(max(id), 0) AS id FROM legacy_posts');
    await legacy.query(workloads.insert(rows));
    await eventually(
      'the changes to be in their topic',
      async () => (await system.lag()) >= rows,
      patienceMs,
    );
    return await bring(environment, `id > ${String(last!['id'])}`);
  } finally {
    await legacy.close();
    await drain(system, environment);
  }
}

async function bring(environment: NodeJS.ProcessEnv, where: string): Promise<number> {
  const worker = startChild('./tandem.ts', ['blog', 'worker'], environment);
  try {
    await nextLine(worker);
    const words = ['backfill', 'blog', '--entity', 'posts', '--from', 'legacy', '--where', where, '--json'];
    const told = await text(startChild('../src/cli/main.ts', words, environment).stdout!);
    const { steps } = JSON.parse(told) as BackfillStatus;
    const [{ rows, startedAt, endedAt }] = steps as [BackfillStatus['steps'][number]];
    return (rows * 1000) / (Date.parse(endedAt!) - Date.parse(startedAt!));
  } finally {
    await stopChild(worker);
  }
}

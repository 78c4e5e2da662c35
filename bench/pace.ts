import { setTimeout as delay } from 'node:timers/promises';
import { connectPlain } from '../src/database/plain-connection.ts';
import type { System } from '../test/chaos/system.ts';
import { eventually } from '../test/support/eventually.ts';
import { nextLine, startChild, stopChild } from './child.ts';
import { drain } from './drain.ts';
import { percentiles } from './rate.ts';
import type { Percentiles } from './rate.ts';

export interface Pace {
  /** Transactions a second that were written; fewer than asked for where the source could not do more beside the rest. */
  writtenPerSecond: number;
  /** Age of the newest row that had arrived, four times a second, seconds. */
  lagSeconds: Percentiles & { last: number };
  /** The largest age while processes that had just begun warmed up. */
  coldLagSeconds: number;
}

const writers = 8;
const lookMs = 250;

/** Whether lane `auto` of one process keeps up with so many transactions of one row a second. */
export async function measurePace(
  system: System,
  environment: NodeJS.ProcessEnv,
  { perSecond, coldSeconds, seconds }: { perSecond: number; coldSeconds: number; seconds: number },
): Promise<Pace> {
  const connections = await Promise.all(
    Array.from({ length: writers }, () => connectPlain('postgres', system.adminUrls.legacy)),
  );
  const revamp = await connectPlain('mysql', system.adminUrls.revamp);
  const tandem = startChild('./tandem.ts', ['blog'], { ...environment, SYNC_LANE: 'auto' });
  const lags: { at: number; seconds: number }[] = [];
  const end = coldSeconds + seconds;
  try {
    await nextLine(tandem);
    await eventually('nothing to be left over', async () => (await system.lag()) === 0);
    const began = performance.now();
    const passed = () => (performance.now() - began) / 1000;
    let written = 0;
    const write = async (connection: (typeof connections)[number]) => {
      while (passed() < end) {
        if (written >= passed() * perSecond) await delay(1);
        else {
          written++;
          await connection.query(
            `INSERT INTO legacy_posts (user_id, post_title, created_at) SELECT min(id), 'paced', clock_timestamp() FROM legacy_users`,
          );
        }
      }
    };
    const look = async () => {
      while (passed() < end) {
        await delay(lookMs);
        const [newest] = await revamp.query(
          `SELECT title, UNIX_TIMESTAMP(UTC_TIMESTAMP(6)) - UNIX_TIMESTAMP(created_at) AS behind FROM revamp_posts
            ORDER BY id DESC LIMIT 1`,
        );
        if (newest?.['title'] === 'paced') lags.push({ at: passed(), seconds: Number(newest['behind']) });
      }
    };
    await Promise.all([...connections.map(write), look()]);
    const cold = lags.filter(({ at }) => at < coldSeconds).map((lag) => lag.seconds);
    const warm = lags.slice(cold.length).map((lag) => lag.seconds);
    return {
      writtenPerSecond: written / passed(),
      lagSeconds: { ...percentiles(warm), last: warm.at(-1)! },
      coldLagSeconds: Math.max(...cold),
    };
  } finally {
    await stopChild(tandem);
    await Promise.all([...connections, revamp].map((connection) => connection.close()));
    await drain(system, environment);
  }
}

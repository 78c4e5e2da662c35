import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { keys } from '../../pipelines/dialler/cache-keys.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { percentiles } from '../rate.ts';
import type { Percentiles } from '../rate.ts';
import { requestContexts } from './requests.ts';

export interface PropagationRun {
  /** Changes a second, at even distances whatever becomes of them; each of another user. */
  perSecond: number;
  count: number;
}

const lookMs = 5;
const patienceMs = 120_000;

/**
 * From the claims app's commit until the dialler's row is there, the queue right for the user and the cached context gone;
 * milliseconds. Each change settles all that a user who is queued had open, so the user has to leave the queue.
 */
export async function measurePropagation(
  of: { base: string; redisUrl: string; replica: PlainConnection; dialler: PlainConnection },
  { perSecond, count }: PropagationRun,
): Promise<Percentiles> {
  const { base, replica, dialler } = of;
  const redis = createClient({ url: of.redisUrl });
  await redis.connect();
  /** When the change of a user was committed, by user; of changes that have not arrived. */
  const open = new Map<number, number>();
  const times: number[] = [];
  try {
    // Of those with one open claim and nothing pending.
    const found = await dialler.query(
      `SELECT q.user_id FROM call_queue q JOIN claims c ON c.user_id = q.user_id AND c.status = 'open'
         WHERE q.status = 'queued' AND q.reason = 'open_claims'
         GROUP BY q.user_id HAVING count(*) = 1 ORDER BY q.user_id LIMIT ${count}`,
    );
    const users = found.map(({ user_id: id }) => Number(id));
    if (users.length < count) throw new Error(`only ${users.length} users can be changed`);
    await requestContexts(base, users);
    const look = async () => {
      const waiting = [...open.keys()];
      if (waiting.length === 0) return;
      const [rows, cached] = await Promise.all([
        dialler.query(
          `SELECT u.id FROM unnest($1::bigint[]) u (id)
             WHERE NOT EXISTS (SELECT FROM claims c WHERE c.user_id = u.id AND c.status = 'open')
               AND NOT EXISTS (SELECT FROM call_queue q WHERE q.user_id = u.id)`,
          [waiting],
        ),
        redis.mGet(waiting.map((user) => keys.context(String(user)))),
      ]);
      const gone = new Set(waiting.filter((_, at) => cached[at] === null));
      const now = performance.now();
      for (const user of rows.map(({ id }) => Number(id)).filter((each) => gone.has(each))) {
        times.push(now - open.get(user)!);
        open.delete(user);
      }
    };
    const began = performance.now();
    const write = async () => {
      for (const [n, user] of users.entries()) {
        await delay(Math.max(0, began + (n * 1000) / perSecond - performance.now()));
        await replica.query(
          `UPDATE claims SET status = 'settled' WHERE user_id = ${user} AND status = 'open'`,
        );
        open.set(user, performance.now());
      }
    };
    const writing = write();
    while (times.length < count) {
      if (performance.now() - began > patienceMs + (count / perSecond) * 1000)
        throw new Error(`${count - times.length} changes did not arrive`);
      await look();
      await delay(lookMs);
    }
    await writing;
    return percentiles(times);
  } finally {
    await redis.close();
  }
}

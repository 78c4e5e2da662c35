import pLimit from 'p-limit';
import { percentiles } from '../rate.ts';
import type { Percentiles } from '../rate.ts';

export interface Requested extends Percentiles {
  perSecond: number;
}

/** Requests under way at a time. */
const atOnce = 32;

/** Asks for the users' contexts one after another, so many at a time; milliseconds. Throws where one is not answered with 200. */
export async function requestContexts(base: string, users: readonly number[]): Promise<Requested> {
  const limit = pLimit(atOnce);
  const times: number[] = [];
  const began = performance.now();
  await Promise.all(
    users.map((user) =>
      limit(async () => {
        const asked = performance.now();
        const answer = await fetch(`${base}/users/${user}/context`);
        await answer.arrayBuffer();
        if (answer.status !== 200) throw new Error(`user ${user} is answered with ${answer.status}`);
        times.push(performance.now() - asked);
      }),
    ),
  );
  return { ...percentiles(times), perSecond: (users.length * 1000) / (performance.now() - began) };
}

import pLimit from 'p-limit';
import { checkQueue } from '../../pipelines/dialler/eligibility.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import type { SideSql } from '../../src/pipeline/tools.ts';

/** Transactions under way at a time. */
const atOnce = 10;

/** Users checked in a second one by one, as after single changes; `users` from the first on. */
export async function checkOneByOne(sql: SideSql, users: number): Promise<number> {
  const limit = pLimit(atOnce);
  const began = performance.now();
  await Promise.all(Array.from({ length: users }, (_, at) => limit(() => checkQueue(sql, [String(at + 1)]))));
  return (users * 1000) / (performance.now() - began);
}

export const emptyQueue = (dialler: PlainConnection) => dialler.query('TRUNCATE call_queue');

export async function queueLength(dialler: PlainConnection): Promise<number> {
  const [row] = await dialler.query('SELECT count(*) AS n FROM call_queue');
  return Number(row!['n']);
}

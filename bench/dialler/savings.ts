import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { requestContexts } from './requests.ts';

/** Requests of a working day in short: most are for few users, as agents call down the queue, and some users change meanwhile. */
export interface Mix {
  users: number;
  requests: number;
  /** One change of a claim for so many requests. */
  requestsPerChange: number;
}

const perRound = 500;

/** Requests for users by Zipf's law, the same in every run. */
function drawn({ users, requests }: Mix): number[] {
  const weights = Array.from({ length: users }, (_, rank) => 1 / (rank + 1));
  const cumulated: number[] = [];
  for (const weight of weights) cumulated.push((cumulated.at(-1) ?? 0) + weight);
  let seed = 42;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: requests }, () => {
    const wanted = random() * cumulated.at(-1)!;
    return 1 + cumulated.findIndex((sum) => sum >= wanted);
  });
}

/** Statements that Tandem's role ran on the replica while the mix was served; `change` is made between requests. */
export async function replicaQueries(
  base: string,
  replica: PlainConnection,
  mix: Mix,
  change: (user: number) => Promise<void>,
): Promise<number> {
  const before = await selects(replica);
  const users = drawn(mix);
  for (let from = 0; from < users.length; from += perRound) {
    const round = users.slice(from, from + perRound);
    const changes = round.filter((_, at) => at % mix.requestsPerChange === 0);
    await Promise.all([
      requestContexts(base, round),
      (async () => {
        for (const user of changes) await change(user);
      })(),
    ]);
  }
  return (await selects(replica)) - before;
}

async function selects(replica: PlainConnection): Promise<number> {
  const [row] = await replica.query(
    `SELECT coalesce(sum(count_star), 0) AS n FROM performance_schema.events_statements_summary_by_user_by_event_name
       WHERE user = 'sync_service' AND event_name IN ('statement/sql/select', 'statement/com/Execute')`,
  );
  return Number(row!['n']);
}

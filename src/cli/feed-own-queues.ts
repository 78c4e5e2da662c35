import type { Logger } from 'pino';
import { startDmsFeeder } from '../demo/dms-feeder.ts';
import { queueSides } from '../process/config/sides.ts';
import type { Stack } from '../stack/stack.ts';
import type { Embedded } from './embedded.ts';

/** Where the stack itself serves the queues of sides, nobody but us sends what AWS DMS would; until `stop`. */
export async function feedOwnQueues(
  { pipelines, environment }: Embedded,
  stack: Stack,
  log: Logger,
  signal: AbortSignal,
): Promise<{ stop(): Promise<void> }> {
  const isServed = stack.status().some(({ part, state }) => part === 'elasticmq' && state === 'running');
  const fed = isServed
    ? pipelines.flatMap((pipeline) =>
        queueSides(pipeline, environment).map((side) => ({ pipeline, side, environment, log, signal })),
      )
    : [];
  const feeders = await Promise.all(fed.map((options) => startDmsFeeder(options)));
  return { stop: async () => void (await Promise.all(feeders.map((feeder) => feeder.stop()))) };
}

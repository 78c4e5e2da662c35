import type { Logger } from 'pino';
import { startDmsFeeder } from '../demo/dms-feeder.ts';
import { queueSides } from '../process/config/sides.ts';
import type { Stack } from '../stack/stack.ts';
import type { Embedded } from './embedded.ts';

/** Does the work; meanwhile, where the stack itself serves the queues of sides, sends there what AWS DMS would. */
export async function whileQueuesAreFed(
  { embedded, stack, log, signal }: { embedded: Embedded; stack: Stack; log: Logger; signal: AbortSignal },
  work: () => Promise<void>,
): Promise<void> {
  const { pipelines, environment } = embedded;
  const isServed = stack.status().some(({ part, state }) => part === 'elasticmq' && state === 'running');
  const fed = isServed
    ? pipelines.flatMap((pipeline) =>
        queueSides(pipeline, environment).map((side) => ({ pipeline, side, environment, log, signal })),
      )
    : [];
  const feeders: { stop(): Promise<void> }[] = [];
  try {
    for (const options of fed) feeders.push(await startDmsFeeder(options));
    await work();
  } finally {
    await Promise.all(feeders.map((feeder) => feeder.stop()));
  }
}

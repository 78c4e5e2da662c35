import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import type { InjectedSinks } from '@temporalio/worker';
import pLimit from 'p-limit';
import { createLogger } from '../../src/observability/logger.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import { noKeys } from '../../src/temporal/payload-keys.ts';
import { middleRate } from '../rate.ts';
import type { EndSinks } from './workflow.ts';

/**
 * A process of its own: `measure.ts ADDRESS WORKFLOWS CONCURRENCY`. Starts so many no-op workflows, eagerly, with a worker
 * in the same process, and writes `{"perSecond": …}` to stdout.
 */
const [address, workflows, concurrency] = process.argv.slice(2) as [string, string, string];
const taskQueue = 'tandem/bench/noop';
const log = createLogger({ level: 'silent' });
const { client, connection } = await connectTemporal({ address, namespace: 'default', keys: noKeys }, log);
const ends: number[] = [];
let allEnded = () => {};
const all = new Promise<void>((resolve) => (allEnded = resolve));
const sinks: InjectedSinks<EndSinks> = {
  ends: {
    note: {
      fn() {
        ends.push(performance.now());
        if (ends.length === Number(workflows)) allEnded();
      },
    },
  },
};
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)),
  sinks,
});
const running = worker.run();
const limit = pLimit(Number(concurrency));
const run = `${Date.now()}`;
await Promise.all(
  Array.from({ length: Number(workflows) }, (_, n) =>
    limit(() =>
      client.workflow.start('noop', {
        taskQueue,
        workflowId: `noop/${run}/${n}`,
        requestEagerStart: true,
      }),
    ),
  ),
);
await all;
process.stdout.write(`${JSON.stringify({ perSecond: middleRate(ends) })}\n`);
worker.shutdown();
await running;
await connection.close();

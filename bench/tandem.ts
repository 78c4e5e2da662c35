import { createLogger } from '../src/observability/logger.ts';
import { Environment } from '../src/process/config/environment.ts';
import { loadPipeline } from '../src/process/pipelines.ts';
import { run } from '../src/process/run.ts';

/**
 * A process of its own on the servers its environment names: ingest and worker of a pipeline in one, as `tandem start` runs
 * them, or with `worker` the worker alone.
 */
const [, , name = 'blog', part] = process.argv;
const environment = new Environment(process.env);
const running = await run({
  environment,
  pipelines: [await loadPipeline(name)],
  ingest: part === 'worker' ? null : 'all',
  worker: true,
  endpoints: part !== 'worker',
  log: createLogger({ level: 'warn', destination: process.stderr }),
});
process.stdout.write(`ready http://127.0.0.1:${running.endpointsPort}\n`);
await Promise.race([new Promise((resolve) => process.once('SIGTERM', resolve)), running.failed]);
await running.stop();

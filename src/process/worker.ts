import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import type { NativeConnection, WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import type { ActivityDeps } from '../activities/deps.ts';
import { noTracing } from '../observability/tracing.ts';
import type { Tracing } from '../observability/tracing.ts';
import { taskQueue } from '../temporal/names.ts';
import { temporalDataConverter } from '../temporal/payload-codec.ts';
import { tracedRuns } from './temporal-tracing.ts';

export interface WorkerDeps extends ActivityDeps {
  connection: NativeConnection;
  namespace: string;
  /** Activities that run at a time, local and regular together; not more than the databases' pools have connections. */
  slots: number;
  tracing?: Tracing;
}

/** What is under way at a shutdown may finish for so long; then the ledger makes a second run harmless. */
const shutdownGraceTime = '10s';
const shutdownForceTime = '25s';

/**
 * A worker of one pipeline, not yet running: `worker.run()` until `worker.shutdown()`. Half of the slots serve the fast
 * path, so that events in trouble never keep fine ones waiting.
 */
export async function createWorker({
  connection,
  namespace,
  slots,
  tracing = noTracing,
  ...deps
}: WorkerDeps): Promise<Worker> {
  const regular = Math.max(1, Math.floor(slots / 2));
  return Worker.create({
    connection,
    namespace,
    taskQueue: taskQueue(deps.pipeline.name),
    workflowBundle: await workflowBundle(tracing.on),
    ...(tracing.on && tracedRuns(tracing)),
    activities: createActivities(deps),
    dataConverter: temporalDataConverter,
    maxConcurrentActivityTaskExecutions: regular,
    maxConcurrentLocalActivityExecutions: Math.max(1, slots - regular),
    shutdownGraceTime,
    shutdownForceTime,
  });
}

const bundles = new Map<boolean, Promise<WorkflowBundleWithSourceMap>>();

/**
 * The workflows as workers load them, built once per process: about 1 s. Keeping it on disk would save that second at
 * each start, and could run yesterday's workflows. `traced`: with what carries traces through them.
 */
export function workflowBundle(traced = false): Promise<WorkflowBundleWithSourceMap> {
  const bundle = bundles.get(traced) ?? build(traced);
  bundles.set(traced, bundle);
  return bundle;
}

const build = (traced: boolean): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: workflowModule('index'),
    // No module of theirs keeps anything of a workflow, so all workflows may share them.
    preloadModules: [workflowModule('index')],
    workflowInterceptorModules: traced ? [workflowModule('tracing')] : [],
    logger: new DefaultLogger('WARN'),
  });

/** TypeScript in a checkout's tests, JavaScript in a build. */
function workflowModule(name: string): string {
  const source = fileURLToPath(new URL(`../workflows/${name}.ts`, import.meta.url));
  return existsSync(source) ? source : source.replace(/\.ts$/, '.js');
}

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import type { NativeConnection, WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import type { ActivityDeps } from '../activities/deps.ts';
import { taskQueue } from '../temporal/names.ts';

export interface WorkerDeps extends ActivityDeps {
  connection: NativeConnection;
  converter: DataConverter;
  namespace: string;
  /** Activities that run at a time, local and regular together; not more than the databases' pools have connections. */
  slots: number;
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
  converter,
  namespace,
  slots,
  ...deps
}: WorkerDeps): Promise<Worker> {
  const regular = Math.max(1, Math.floor(slots / 2));
  return Worker.create({
    connection,
    namespace,
    taskQueue: taskQueue(deps.pipeline.name),
    workflowBundle: await workflowBundle(converter),
    activities: createActivities(deps),
    dataConverter: converter,
    maxConcurrentActivityTaskExecutions: regular,
    maxConcurrentLocalActivityExecutions: Math.max(1, slots - regular),
    shutdownGraceTime,
    shutdownForceTime,
  });
}

const bundles = new Map<string | undefined, Promise<WorkflowBundleWithSourceMap>>();

/**
 * The workflows as workers load them, built once per process: about 1 s. Keeping it on disk would save that second at
 * each start, and could run yesterday's workflows.
 */
export function workflowBundle({
  failureConverterPath,
}: DataConverter): Promise<WorkflowBundleWithSourceMap> {
  const bundle =
    bundles.get(failureConverterPath) ??
    bundleWorkflowCode({
      workflowsPath: entry(),
      ...(failureConverterPath !== undefined && { failureConverterPath }),
      // No module of theirs keeps anything of a workflow, so all workflows may share them.
      preloadModules: [entry()],
      logger: new DefaultLogger('WARN'),
    });
  bundles.set(failureConverterPath, bundle);
  return bundle;
}

/** TypeScript in a checkout's tests, JavaScript in a build. */
function entry(): string {
  const source = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  return existsSync(source) ? source : source.replace(/\.ts$/, '.js');
}

import type { DataConverter, WorkerDeploymentVersion } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import type { ActivityDeps } from '../activities/deps.ts';
import { noTracing } from '../observability/tracing.ts';
import type { Tracing } from '../observability/tracing.ts';
import { taskQueue } from '../temporal/names.ts';
import { shutdownForceTime, shutdownGraceTime } from './shutdown.ts';
import { tracedRuns } from './temporal-tracing.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface WorkerDeps extends ActivityDeps {
  connection: NativeConnection;
  converter: DataConverter;
  namespace: string;
  /** Activities that run at a time, local and regular together; not more than the databases' pools have connections. */
  slots: number;
  tracing?: Tracing;
  /** Undefined: not versioned. */
  version?: WorkerDeploymentVersion | undefined;
}

/**
 * A worker of one pipeline, not yet running: `worker.run()` until `worker.shutdown()`. Half of the slots serve the fast
 * path, so that events in trouble never keep fine ones waiting.
 */
export async function createWorker({
  connection,
  converter,
  namespace,
  slots,
  tracing = noTracing,
  version,
  ...deps
}: WorkerDeps): Promise<Worker> {
  const regular = Math.max(1, Math.floor(slots / 2));
  return Worker.create({
    connection,
    namespace,
    taskQueue: taskQueue(deps.pipeline.name),
    workflowBundle: await workflowBundle(converter),
    ...tracedRuns(tracing),
    activities: createActivities(deps),
    dataConverter: converter,
    maxConcurrentActivityTaskExecutions: regular,
    maxConcurrentLocalActivityExecutions: Math.max(1, slots - regular),
    shutdownGraceTime,
    shutdownForceTime,
    ...(version && {
      workerDeploymentOptions: {
        version,
        useWorkerVersioning: true,
        // What is open for long moves on; workflows that end soon are pinned where they are defined.
        defaultVersioningBehavior: 'AUTO_UPGRADE' as const,
      },
    }),
  });
}

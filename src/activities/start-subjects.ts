import { WorkflowIdReusePolicy } from '@temporalio/common';
import pLimit from 'p-limit';
import type { RetryLimits } from '../errors/policy.ts';
import type { SyncSubject } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { syncStartOptions } from '../temporal/start-sync.ts';
import type { ActivityDeps } from './deps.ts';
import { routeOf } from './route-of.ts';

/** Starts under way at a time. */
const concurrency = 16;

/**
 * Starts `syncChange` for what left those it was applied with; one that runs is joined. One that has completed runs again:
 * that the target's ledger has no outcome of it says that the target lost it.
 */
export async function startSubjects(
  deps: ActivityDeps,
  subjects: readonly SyncSubject[],
  limits: RetryLimits,
): Promise<void> {
  const limit = pLimit(concurrency);
  const pipeline = deps.pipeline.name;
  await Promise.all(
    subjects.map((subject) =>
      limit(() =>
        deps.client.workflow.start(workflowTypes.syncChange, {
          ...syncStartOptions({ pipeline, subject, limits, retried: false }, targetOf(deps, subject)),
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        }),
      ),
    ),
  );
}

const targetOf = (deps: ActivityDeps, subject: SyncSubject) => routeOf(deps, subject).route.target.side;

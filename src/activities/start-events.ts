import { WorkflowIdReusePolicy } from '@temporalio/common';
import pLimit from 'p-limit';
import type { BatchActivities } from '../temporal/batch.ts';
import { workflowTypes } from '../temporal/names.ts';
import { syncStartOptions } from '../temporal/start-sync.ts';
import type { ActivityDeps } from './deps.ts';
import { routeOf } from './route-of.ts';

/** Starts under way at a time. */
const concurrency = 16;

export function startEventsActivity(deps: ActivityDeps): BatchActivities['startEvents'] {
  return async ({ pipeline, events, limits }) => {
    const limit = pLimit(concurrency);
    await Promise.all(
      events.map((event) =>
        limit(async () => {
          const subject = { kind: 'event', event } as const;
          const target = routeOf(deps, subject).route.target.side;
          await deps.client.workflow.start(workflowTypes.syncChange, {
            ...syncStartOptions({ pipeline, subject, limits, retried: false }, target),
            workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          });
        }),
      ),
    );
  };
}

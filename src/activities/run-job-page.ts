import { z } from 'zod';
import { SyncError } from '../errors/sync-error.ts';
import type { JobActivities } from '../temporal/jobs.ts';
import type { ActivityDeps } from './deps.ts';
import { refusePausedPipeline } from './hold.ts';

const pageSchema = z.object({
  next: z.string().nullable(),
  counts: z.record(z.string(), z.number()),
  fraction: z.number().min(0).max(1).optional(),
});

export function runJobPageActivity(deps: ActivityDeps): JobActivities['runJobPage'] {
  const { pipeline, tools } = deps;
  return async ({ job: name, cursor }) => {
    refusePausedPipeline(deps);
    const job = pipeline.jobs.find((each) => each.name === name);
    if (!job) throw new SyncError('bug', `pipeline ${pipeline.name} has no job ${name}`);
    const page = pageSchema.safeParse(await job.page(cursor, tools));
    if (!page.success) throw new SyncError('bug', `a page of job ${name}: ${problemOf(page.error)}`);
    const { next, counts, fraction = null } = page.data;
    return { next, counts, fraction };
  };
}

/** Names types only: no value of the page is in it. */
function problemOf({ issues: [first] }: z.ZodError): string {
  return `${first!.path.join('.') || 'its answer'}: ${first!.message}`;
}

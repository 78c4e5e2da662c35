import {
  ApplicationFailure,
  continueAsNew,
  defineQuery,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ErrorClass } from '../errors/error-class.ts';
import { policyFor } from '../errors/policy.ts';
import { jobDetails } from '../temporal/job-details.ts';
import type { JobActivities, JobInput, JobPageDone, JobProgress, JobStatus } from '../temporal/jobs.ts';
import type { TryFailure } from '../temporal/failures.ts';
import { queryNames } from '../temporal/names.ts';
import { readFailure } from '../temporal/read-failure.ts';
import { triesLeft } from '../temporal/retry-tries.ts';
import { oneTry } from '../temporal/timeouts.ts';

const statusQuery = defineQuery<JobStatus>(queryNames.status);

/** The rate is that of so many pages, the last ones. */
const pagesOfRate = 12;

/** These end by themselves. Whatever else a page fails with ends the run after the tries of a bug: the next run begins anew. */
const waitedOut: ReadonlySet<ErrorClass> = new Set(['unavailable', 'contention']);
const policyOf = (errorClass: ErrorClass) => policyFor(waitedOut.has(errorClass) ? errorClass : 'bug');

/**
 * One run of a job of a pipeline, page by page to its end. A page that failed, or whose worker was lost, is done again from the
 * same cursor. The run fails with the class of the error that ended it, and what was done so far as its detail.
 */
export async function job(input: JobInput): Promise<JobStatus> {
  const run = new Run(input);
  setHandler(statusQuery, () => run.status);
  await run.untilDone();
  return run.status;
}

class Run {
  readonly #input: JobInput;
  #progress: JobProgress;
  #state: JobStatus['state'] = 'running';
  /** Pages that were done at a time, milliseconds; the newest last. */
  #seen: { at: number; pages: number }[] = [];

  constructor(input: JobInput) {
    this.#input = input;
    this.#progress = input.progress ?? {
      cursor: null,
      pages: 0,
      counts: {},
      fraction: null,
      startedAt: new Date().toISOString(),
    };
    this.#note();
  }

  get status(): JobStatus {
    const { pipeline, job } = this.#input;
    return { pipeline, job, state: this.#state, ...this.#progress, rate: this.#rate() };
  }

  async untilDone(): Promise<void> {
    let next: string | null;
    do {
      const page = await this.#page();
      next = page.next;
      const { pages, counts, startedAt } = this.#progress;
      this.#progress = {
        cursor: next,
        pages: pages + 1,
        counts: sum(counts, page.counts),
        fraction: page.fraction,
        startedAt,
      };
      this.#note();
    } while (next !== null);
    this.#end('done');
  }

  /** The page at the cursor, each class of error with its own count of tries. */
  async #page(): Promise<JobPageDone> {
    const { pipeline, job } = this.#input;
    const failures: Partial<Record<ErrorClass, number>> = {};
    let errorClass: ErrorClass = 'unavailable';
    for (;;) {
      await this.#startAfreshWhenLong();
      const spent = failures[errorClass] ?? 0;
      const { delayMs, retry } = triesLeft(errorClass, policyOf(errorClass), spent, 0)!;
      if (delayMs > 0) await sleep(delayMs, { summary: `${errorClass}: next try` });
      const summary = `page ${this.#progress.pages + 1} of ${job}`;
      const { runJobPage } = proxyActivities<JobActivities>({ ...oneTry, retry, summary });
      try {
        return await runJobPage({ pipeline, job, cursor: this.#progress.cursor });
      } catch (error) {
        if (isCancellation(error)) throw error;
        const { failure, attempt } = readFailure(error);
        if (failure.errorClass === errorClass) throw this.#failed(failure, error);
        failures[errorClass] = spent + Math.max(0, (attempt ?? 1) - 1);
        errorClass = failure.errorClass;
        failures[errorClass] = (failures[errorClass] ?? 0) + 1;
        if (!triesLeft(errorClass, policyOf(errorClass), failures[errorClass]!, 0))
          throw this.#failed(failure, error);
      }
    }
  }

  #failed({ message, errorClass }: TryFailure, cause: unknown): ApplicationFailure {
    this.#end('failed');
    return ApplicationFailure.create({
      message,
      type: errorClass,
      nonRetryable: true,
      details: [this.status],
      ...(cause instanceof Error && { cause }),
    });
  }

  #end(state: JobStatus['state']): void {
    this.#state = state;
    this.#show();
  }

  #rate(): number | null {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.at === first.at) return null;
    return ((last.pages - first.pages) * 1000) / (last.at - first.at);
  }

  #note(): void {
    this.#seen = [...this.#seen, { at: Date.now(), pages: this.#progress.pages }].slice(-pagesOfRate);
    this.#show();
  }

  #show = () => setCurrentDetails(jobDetails(this.status, Date.now()));

  async #startAfreshWhenLong(): Promise<void> {
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof job>({ ...this.#input, progress: this.#progress });
  }
}

function sum(a: JobProgress['counts'], b: JobProgress['counts']): JobProgress['counts'] {
  const counts = { ...a };
  for (const [name, count] of Object.entries(b)) counts[name] = (counts[name] ?? 0) + count;
  return counts;
}

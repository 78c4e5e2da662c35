import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Outcome } from '../change/outcome.ts';
import { backfillDetails } from '../temporal/backfill-details.ts';
import type {
  BackfillActivities,
  BackfillCounts,
  BackfillInput,
  BackfillOf,
  BackfillProgress,
  BackfillStatus,
  BackfillStep,
  StepProgress,
} from '../temporal/backfill.ts';
import { queryNames, updateNames } from '../temporal/names.ts';
import { oneTry } from '../temporal/timeouts.ts';
import { keepRate, Pace } from './pace.ts';

/** Whatever refuses is waited for, and told by the activity that is tried on: somebody watches a backfill, or cancels it. */
const patiently = (summary: string) =>
  proxyActivities<BackfillActivities>({
    ...oneTry,
    retry: { initialInterval: '500ms', maximumInterval: '30s' },
    summary,
  });

const { planPages } = patiently('find the next pages');

/** Only the time that is left is told by it. */
const { countBackfill } = proxyActivities<BackfillActivities>({
  ...oneTry,
  startToCloseTimeout: '10m',
  retry: { maximumAttempts: 2 },
  summary: 'count the rows',
});

const statusQuery = defineQuery<BackfillStatus>(queryNames.status);
const pauseUpdate = defineUpdate<BackfillStatus>(updateNames.pause);
const resumeUpdate = defineUpdate<BackfillStatus>(updateNames.resume);

/**
 * Brings the rows that are there to the other side: one entity and way after another, parents first, page by page by the
 * key. It ends when every row was read once; a row that failed by itself then has a `syncChange`.
 */
export async function backfill(input: BackfillInput): Promise<BackfillStatus> {
  const progress: BackfillProgress = input.progress ?? {
    startedAt: now(),
    step: 0,
    after: null,
    steps: input.steps.map(() => notBegun),
    paused: false,
  };
  const run = new Run(input, progress);
  setHandler(statusQuery, () => run.status);
  setHandler(pauseUpdate, () => run.pause(true));
  setHandler(resumeUpdate, () => run.pause(false));
  await run.untilDone();
  await condition(allHandlersFinished);
  return run.status;
}

const notBegun: StepProgress = {
  rows: 0,
  outcomes: {},
  left: 0,
  paired: 0,
  total: null,
  startedAt: null,
  endedAt: null,
};

class Run {
  readonly #input: BackfillInput;
  readonly #steps: StepProgress[];
  readonly #startedAt: string;
  #step: number;
  #after: string | null;
  #paused: boolean;
  readonly #pace = new Pace();

  constructor(input: BackfillInput, progress: BackfillProgress) {
    this.#input = input;
    this.#steps = progress.steps.map((step) => ({ ...step, outcomes: { ...step.outcomes } }));
    this.#startedAt = progress.startedAt;
    this.#step = progress.step;
    this.#after = progress.after;
    this.#paused = progress.paused;
  }

  get status(): BackfillStatus {
    const { pipeline, dryRun, steps } = this.#input;
    const done = this.#steps.every(({ endedAt }) => endedAt !== null);
    return {
      pipeline,
      state: done ? 'done' : this.#paused ? 'paused' : 'running',
      dryRun,
      startedAt: this.#startedAt,
      steps: steps.map((step, index) => ({ ...step, ...this.#steps[index]! })),
      rate: this.#pace.rate,
    };
  }

  pause(paused: boolean): BackfillStatus {
    this.#paused = paused;
    this.#pace.restart();
    this.#show();
    return this.status;
  }

  async untilDone(): Promise<void> {
    void this.#count().catch(() => {});
    while (this.#step < this.#steps.length) {
      await this.#copyStep();
      this.#step++;
      this.#after = null;
    }
  }

  async #count(): Promise<void> {
    for (const [index, step] of this.#input.steps.entries())
      if (this.#steps[index]!.total === null && this.#steps[index]!.endedAt === null) {
        this.#steps[index]!.total = await countBackfill(this.#of(step));
        this.#show();
      }
  }

  async #copyStep(): Promise<void> {
    const { parallel, pageRows, mostOpen, mostWaiting, steps } = this.#input;
    const of = this.#of(steps[this.#step]!);
    const status = this.#steps[this.#step]!;
    status.startedAt ??= now();
    this.#note();
    for (;;) {
      await condition(() => !this.#paused);
      await this.#startAfreshWhenLong();
      const began = Date.now();
      const before = status.rows;
      const after = this.#after;
      const ends = await planPages({ ...of, after, pageRows, pages: parallel, mostOpen, mostWaiting });
      if (ends.length === 0) break;
      await Promise.all(
        ends.map(async (until, index) =>
          add(status, await this.#copy(of, index === 0 ? after : ends[index - 1]!, until)),
        ),
      );
      this.#after = ends.at(-1)!;
      this.#note();
      await keepRate(status.rows - before, began, this.#input.rowsPerSecond);
    }
    status.endedAt = now();
    status.total ??= status.rows;
    this.#show();
  }

  #of = (step: BackfillStep): BackfillOf => ({
    pipeline: this.#input.pipeline,
    step,
    where: this.#input.where,
  });

  #copy(of: BackfillOf, after: string | null, until: string): Promise<BackfillCounts> {
    const { dryRun, limits } = this.#input;
    const { entity, from, to } = of.step;
    const { copyPage } = patiently(`${dryRun ? 'count' : 'bring'} a page of ${entity} ${from} → ${to}`);
    return copyPage({ ...of, after, until, run: workflowInfo().firstExecutionRunId, dryRun, limits });
  }

  #note(): void {
    const rows = this.#steps.reduce((sum, step) => sum + step.rows, 0);
    this.#pace.note(rows);
    this.#show();
  }

  #show = () => setCurrentDetails(backfillDetails(this.status));

  async #startAfreshWhenLong(): Promise<void> {
    if (!workflowInfo().continueAsNewSuggested) return;
    await condition(allHandlersFinished);
    const progress: BackfillProgress = {
      startedAt: this.#startedAt,
      step: this.#step,
      after: this.#after,
      steps: this.#steps,
      paused: this.#paused,
    };
    await continueAsNew<typeof backfill>({ ...this.#input, progress });
  }
}

function add(to: BackfillCounts, { rows, outcomes, left, paired }: BackfillCounts): void {
  to.rows += rows;
  to.left += left;
  to.paired += paired;
  for (const [outcome, count] of Object.entries(outcomes) as [Outcome, number][])
    to.outcomes[outcome] = (to.outcomes[outcome] ?? 0) + count;
}

const now = () => new Date().toISOString();

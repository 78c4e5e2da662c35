import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { matchUnpaired } from '../temporal/match-unpaired.ts';
import { queryNames, updateNames } from '../temporal/names.ts';
import { oneTry } from '../temporal/timeouts.ts';
import { verifyDetails } from '../temporal/verify-details.ts';
import { beginning, comparedRows, statusOf, withFinding, withLeft } from '../temporal/verify-report.ts';
import type {
  EntityReport,
  Finding,
  Suspect,
  VerifyActivities,
  VerifyInput,
  VerifyPart,
  VerifyProgress,
  VerifyStatus,
} from '../temporal/verify.ts';
import { keepRate, Pace } from './pace.ts';

/** Whatever refuses is waited for, as in a backfill. */
const patiently = (summary: string) =>
  proxyActivities<VerifyActivities>({
    ...oneTry,
    retry: { initialInterval: '500ms', maximumInterval: '30s' },
    summary,
  });

/** Only the time that is left, and the share of a sample, are told by it. */
const { countVerified } = proxyActivities<VerifyActivities>({
  ...oneTry,
  startToCloseTimeout: '10m',
  retry: { maximumAttempts: 2 },
  summary: 'count the rows',
});

const { tellVerified } = patiently('tell what was found');

const statusQuery = defineQuery<VerifyStatus>(queryNames.status);
const pauseUpdate = defineUpdate<VerifyStatus>(updateNames.pause);
const resumeUpdate = defineUpdate<VerifyStatus>(updateNames.resume);

/** Rows that differ so far at which they are settled before the next ones are compared. */
const mostSuspects = 2000;
/** Rows without a partner that are kept until the end of their entity, for finding lost mappings. */
const mostUnpaired = 2000;
const tooMany = `more than ${mostUnpaired} rows have no partner, and mappings may be lost: tandem backfill brings rows`;
const mostPlanned = 500;
const recheckedAtOnce = 500;
const repairedAtOnce = 100;
const longestWaitMs = 5000;

/**
 * Compares both sides of a pipeline, parents first, and tells what is wrong only once no change of it can be under way. What is
 * to be repaired is repaired entity by entity, so that children find their parents.
 */
export async function verify(input: VerifyInput): Promise<VerifyStatus> {
  const run = new Run(input, input.progress ?? beginning(input, now()));
  setHandler(statusQuery, () => run.status);
  setHandler(pauseUpdate, () => run.pause(true));
  setHandler(resumeUpdate, () => run.pause(false));
  await run.untilDone();
  await condition(allHandlersFinished);
  return run.status;
}

class Run {
  readonly #input: VerifyInput;
  #progress: VerifyProgress;
  #settling = false;
  readonly #pace = new Pace();

  constructor(input: VerifyInput, progress: VerifyProgress) {
    this.#input = input;
    this.#progress = progress;
  }

  get status(): VerifyStatus {
    return statusOf(this.#input, this.#progress, { settling: this.#settling, rate: this.#pace.rate });
  }

  pause(paused: boolean): VerifyStatus {
    this.#pace.restart();
    this.#set({ paused });
    return this.status;
  }

  async untilDone(): Promise<void> {
    const { parts, sample } = this.#input;
    const counting = this.#count();
    if (sample === null) void counting.catch(() => {});
    else await counting;
    while (this.#progress.part < parts.length) {
      const { part: index } = this.#progress;
      await this.#goThrough(parts[index]!, parts[index + 1]);
      this.#set({ part: index + 1, after: null, ended: false });
    }
  }

  /** A part; with the last one of an entity also what is left to be settled of it. */
  async #goThrough(part: VerifyPart, next: VerifyPart | undefined): Promise<void> {
    if (this.#report(part).startedAt === null) this.#change(part, { startedAt: now() });
    await this.#compare(part);
    if (next?.entity === part.entity) return;
    await this.#finish(part);
    this.#change(part, { endedAt: now() });
    await tellVerified({ pipeline: this.#input.pipeline, report: this.#report(part) });
  }

  async #count(): Promise<void> {
    const { pipeline, parts, since } = this.#input;
    for (const part of parts.filter((each) => each.part === 'rows')) {
      const { totals, endedAt } = this.#report(part);
      if (totals[part.of] !== undefined || endedAt !== null) continue;
      const total = await countVerified({ pipeline, part, since });
      this.#change(part, { totals: { ...this.#report(part).totals, [part.of]: total } });
    }
  }

  async #compare(part: VerifyPart): Promise<void> {
    const { pipeline, since, rowsPerSecond, sample } = this.#input;
    const total = this.#report(part).totals[part.of];
    const share = sample === null || !total || total <= sample ? null : Math.ceil((sample / total) * 1e9);
    const { compareRows } = patiently(`compare ${part.part} of ${part.entity} ${part.of}`);
    while (!this.#progress.ended) {
      await this.#goOn();
      const began = Date.now();
      const { rows, last, suspects, at } = await compareRows({
        pipeline,
        part,
        since,
        after: this.#progress.after,
        share,
        run: workflowInfo().firstExecutionRunId,
        mostRows: rowsPerSecond,
      });
      const { rows: before, mappings } = this.#report(part);
      if (part.part === 'mappings') this.#change(part, { mappings: mappings + rows });
      else this.#change(part, { rows: { ...before, [part.of]: (before[part.of] ?? 0) + rows } });
      const first = now();
      const more = suspects.map((suspect) => ({ ...suspect, since: at, first }));
      this.#set({ suspects: [...this.#progress.suspects, ...more], after: last, ended: last === null });
      this.#note();
      if (this.#progress.suspects.length >= mostSuspects) await this.#settle(part);
      await keepRate(rows, began, rowsPerSecond);
    }
  }

  /** Settles what differed, then finds lost mappings among the rows that have no partner. */
  async #finish(part: VerifyPart): Promise<void> {
    for (;;) {
      await this.#settle(part);
      const { unpaired } = this.#progress;
      if (unpaired.length === 0) return;
      const { matched, alone } = matchUnpaired(unpaired);
      this.#set({ unpaired: [] });
      // Rows of a one-way target that its source never had are its own.
      const wrong = alone.filter(({ side, key }) => part.twoWay || side !== part.side || key !== null);
      await this.#take(part, [...matched, ...wrong]);
    }
  }

  /** Looks at what differs again and again, until each agrees, or no change of it is under way, or its time is over. */
  async #settle(part: VerifyPart): Promise<void> {
    this.#settling = true;
    for (let looks = 0; this.#progress.suspects.length > 0; looks++) {
      if (looks > 0)
        await sleep(Math.min(looks * 1000, longestWaitMs), { summary: 'rows that differ may be moving' });
      await this.#goOn();
      await this.#recheck(part);
    }
    this.#settling = false;
    this.#show();
  }

  async #recheck(part: VerifyPart): Promise<void> {
    const { pipeline, settleMs } = this.#input;
    const { recheckRows } = patiently(`look again at rows of ${part.entity} that differ`);
    for (const suspects of chunks(this.#progress.suspects, recheckedAtOnce)) {
      const looked = await recheckRows({ pipeline, entity: part, suspects });
      const found: Finding[] = [];
      const moving: Suspect[] = [];
      let late = 0;
      for (const look of looked) {
        if (look.state === 'moving') {
          if (Date.now() - Date.parse(look.suspect.first) > settleMs) late++;
          else moving.push(look.suspect);
        } else if (look.state === 'found' && !this.#setAside(part, look)) found.push(look.finding);
      }
      const { settled, moving: before } = this.#report(part);
      const agreed = looked.filter(({ state }) => state === 'agreed').length;
      this.#change(part, { settled: settled + agreed, moving: before + late });
      this.#set({ suspects: [...this.#progress.suspects.slice(suspects.length), ...moving] });
      await this.#take(part, found);
    }
  }

  /** A row without a partner waits for the end of its entity; where they are too many it is only counted. */
  #setAside(
    part: VerifyPart,
    { finding, fingerprint }: { finding: Finding; fingerprint: string | null },
  ): boolean {
    const { kind, side, key, other } = finding;
    const { unpaired } = this.#progress;
    if (kind !== 'missing' || side === null || (key !== null && other !== null)) return false;
    if (unpaired.length < mostUnpaired)
      this.#set({ unpaired: [...unpaired, { finding: { ...finding, side }, fingerprint }] });
    else this.#change(part, withLeft(withFinding(this.#report(part), finding), tooMany));
    return true;
  }

  /** Counts what is wrong, and repairs it where that is asked for; what has changed meanwhile is looked at anew. */
  async #take(part: VerifyPart, findings: readonly Finding[]): Promise<void> {
    const { pipeline, repair: order } = this.#input;
    const { repairRows } = patiently(`repair rows of ${part.entity}`);
    for (const some of chunks(findings, repairedAtOnce)) {
      const repaired =
        order === null
          ? null
          : await repairRows({
              pipeline,
              entity: part,
              findings: some,
              order,
              run: workflowInfo().firstExecutionRunId,
            });
      for (const [index, finding] of some.entries()) {
        const end = repaired?.[index] ?? null;
        if (end?.state === 'changed') {
          const { key, other, look, first } = finding;
          this.#set({ suspects: [...this.#progress.suspects, { key, other, look, first, since: now() }] });
          continue;
        }
        let report = withFinding(this.#report(part), finding);
        if (end?.state === 'left') report = withLeft(report, end.why);
        if (end?.state === 'done' && !order!.dryRun) report = { ...report, repaired: report.repaired + 1 };
        this.#change(part, report);
        if (end?.state === 'done' && order!.dryRun) this.#keepPlanned(end.writes);
      }
    }
  }

  #keepPlanned(writes: VerifyStatus['planned']): void {
    const { planned, plannedMore } = this.#progress;
    const kept = [...planned, ...writes].slice(0, mostPlanned);
    this.#set({ planned: kept, plannedMore: plannedMore + planned.length + writes.length - kept.length });
  }

  #report = ({ entity }: VerifyPart): EntityReport =>
    this.#progress.entities.find((report) => report.entity === entity)!;

  #change({ entity }: VerifyPart, changes: Partial<EntityReport>): void {
    const entities = this.#progress.entities.map((report) =>
      report.entity === entity ? { ...report, ...changes } : report,
    );
    this.#set({ entities });
  }

  #set(changes: Partial<VerifyProgress>): void {
    this.#progress = { ...this.#progress, ...changes };
  }

  #note(): void {
    const rows = this.#progress.entities.reduce((sum, report) => sum + comparedRows(report), 0);
    this.#pace.note(rows);
    this.#show();
  }

  #show = () => setCurrentDetails(verifyDetails(this.status));

  /** Waits while it is paused; begins a new run where this one's history has grown. */
  async #goOn(): Promise<void> {
    this.#show();
    await condition(() => !this.#progress.paused);
    if (!workflowInfo().continueAsNewSuggested) return;
    await condition(allHandlersFinished);
    await continueAsNew<typeof verify>({ ...this.#input, progress: this.#progress });
  }
}

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );

const now = () => new Date().toISOString();

import type { ManyDeps } from '../apply/apply-many.ts';
import type { Outcome } from '../change/outcome.ts';
import { canonicalTimestamptz } from '../pipeline/canonical-time.ts';
import type { PollActivities, PollCursor, PollProgress } from '../temporal/polling.ts';
import { bringHints } from './bring-hints.ts';
import { changedHints } from './changed-hints.ts';
import type { ActivityDeps } from './deps.ts';
import { toFailure } from './failure.ts';
import { applyDepsOf } from './route-of.ts';

/** The first look goes so far back. */
const firstLookMs = 24 * 60 * 60_000;

export function pollSideActivity(deps: ActivityDeps): PollActivities['pollSide'] {
  return async ({ side, progress }) => {
    const look = new Look(deps);
    const { changedAt } = deps.pipeline.sides.get(side)!.polling!;
    const of = deps.pipeline.routes
      .filter(({ source }) => source.side === side)
      .map(({ entity }) => applyDepsOf(deps, entity, side));
    const { overlapMs, intervalMs } = deps.polling;
    const cursors = { ...progress.cursors };
    const sweeps = { ...progress.sweeps };
    const isSweepDue = isDue(progress.sweptAt, overlapMs);
    for (const each of of.filter(({ route }) => route.source.columns.has(changedAt)))
      await look.at(each, async () => {
        const { entity } = each.route;
        const cursor = cursors[entity] ?? dayBack(each, changedAt);
        if (isSweepDue) sweeps[entity] ??= behind(each, changedAt, cursor, overlapMs);
        const left = sweeps[entity] && (await look.again(each, changedAt, sweeps[entity]));
        if (left) sweeps[entity] = left;
        else delete sweeps[entity];
        cursors[entity] = await look.changed(each, changedAt, cursor);
      });
    const compared = await look.compare(of, changedAt, progress);
    const sweptAt = isSweepDue ? new Date().toISOString() : progress.sweptAt;
    return {
      ...look.result,
      progress: { cursors, sweeps, sweptAt, ...compared },
      waitMs: look.isMore ? 0 : intervalMs,
    };
  };
}

const isDue = (last: string | null, everyMs: number) =>
  last === null || Date.now() - Date.parse(last) >= everyMs;

/** A time of a column as JavaScript has it; a column without a zone holds UTC. */
const instantOf = (at: string): number => Date.parse(at.endsWith('Z') ? at : `${at}Z`);

function timeOf({ route }: ManyDeps, column: string, instant: number): string {
  const text = canonicalTimestamptz(new Date(instant).toISOString())!;
  return route.source.columns.get(column)!.kind === 'timestamptz' ? text : text.replace(/Z$/, '');
}

const dayBack = (of: ManyDeps, column: string): PollCursor => ({
  at: timeOf(of, column, Date.now() - firstLookMs),
  key: null,
});

type Sweep = PollProgress['sweeps'][string];

/**
 * What may have been committed behind the cursor, or changed twice at one time of the column. Twice the overlap: since the
 * last sweep the cursor may have gone on for as long as a transaction was open before.
 */
const behind = (of: ManyDeps, column: string, { at }: PollCursor, overlapMs: number): Sweep => ({
  from: { at: timeOf(of, column, instantOf(at) - 2 * overlapMs), key: null },
  until: at,
});

/** One look at the tables of a side, and what came of it. */
class Look {
  readonly #deps: ActivityDeps;
  readonly #outcomes: Partial<Record<Outcome, number>> = {};
  readonly #troubles: Record<string, string> = {};
  #rows = 0;
  #left = 0;
  isMore = false;

  constructor(deps: ActivityDeps) {
    this.#deps = deps;
  }

  get result() {
    return { rows: this.#rows, outcomes: this.#outcomes, left: this.#left, troubles: this.#troubles };
  }

  async at({ route }: ManyDeps, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#troubles[route.entity] = toFailure(error, {
        verb: 'pollSide',
        entity: route.entity,
        attempt: 1,
      }).failure.message;
    }
  }

  /** Brings the rows that changed after the cursor, so many at a time; returns where it is then. */
  async changed(of: ManyDeps, column: string, cursor: PollCursor): Promise<PollCursor> {
    const { rows } = this.#deps.polling;
    const found = await of.source.listChanged(of.route.source, column, cursor, rows);
    await this.#bring(
      of,
      found.map(({ key }) => key),
    );
    if (found.length === rows) this.isMore = true;
    return found.at(-1) ?? cursor;
  }

  /** Brings rows once more, so many at a time; returns what is left to be looked through, null at the end. */
  async again(of: ManyDeps, column: string, { from, until }: Sweep): Promise<Sweep | null> {
    const { rows } = this.#deps.polling;
    const found = await of.source.listChanged(of.route.source, column, from, rows);
    const before = found.filter(({ at }) => instantOf(at) <= instantOf(until));
    await this.#bring(
      of,
      before.map(({ key }) => key),
    );
    if (before.length < rows) return null;
    this.isMore = true;
    return { from: before.at(-1)!, until };
  }

  /**
   * A part of the comparison: of rows that the ledger knows, which finds those whose source row is gone, and of all rows of
   * tables that do not tell when a row was changed. A table that fails is left for the next comparison.
   */
  async compare(
    all: readonly ManyDeps[],
    column: string,
    { comparing, comparedAt }: PollProgress,
  ): Promise<Pick<PollProgress, 'comparing' | 'comparedAt'>> {
    if (comparing === null && !isDue(comparedAt, this.#deps.polling.compareMs))
      return { comparing, comparedAt };
    const parts = all.flatMap((of): [ManyDeps, 'known' | 'rows'][] => {
      const known: [ManyDeps, 'known'] = [of, 'known'];
      return of.route.source.columns.has(column) ? [known] : [known, [of, 'rows']];
    });
    const under = ([{ route }, what]: (typeof parts)[number]) =>
      route.entity === comparing?.entity && what === comparing.what;
    const index = Math.max(0, parts.findIndex(under));
    const [of, what] = parts[index]!;
    let last: string | null = null;
    await this.at(of, async () => {
      const after = comparing?.after ?? null;
      last = what === 'known' ? await this.#compareKnown(of, after) : await this.#compareRows(of, after);
    });
    const at = ([{ route }, next]: (typeof parts)[number], after: string | null) => {
      this.isMore = true;
      return { comparing: { entity: route.entity, what: next, after }, comparedAt };
    };
    if (last !== null) return at(parts[index]!, last);
    const next = parts[index + 1];
    return next ? at(next, null) : { comparing: null, comparedAt: new Date().toISOString() };
  }

  /** Returns the last key that was looked at; null at the end. */
  async #compareKnown(of: ManyDeps, after: string | null): Promise<string | null> {
    const { pipeline, entity, source, target } = of.route;
    const { rows } = this.#deps.polling;
    const direction = { pipeline, entity, sourceSide: source.side, targetSide: target.side };
    const keys = await of.target.listIdentityKeys(direction, after, rows);
    await this.#bring(of, keys);
    return keys.length === rows ? keys.at(-1)! : null;
  }

  async #compareRows(of: ManyDeps, after: string | null): Promise<string | null> {
    const { rows: limit } = this.#deps.polling;
    const keys = await of.source.listKeys(of.route.source, { after, until: null, where: null, limit });
    await this.#bring(of, keys);
    return keys.length === limit ? keys.at(-1)! : null;
  }

  /** Those of the rows that are not as the ledger knows them. */
  async #bring(of: ManyDeps, keys: readonly string[]): Promise<void> {
    const hints = await changedHints(of, keys);
    if (hints.length === 0) return;
    const { outcomes, left } = await bringHints(this.#deps, of, hints, this.#deps.limits);
    this.#rows += hints.length;
    this.#left += left;
    for (const [outcome, count] of Object.entries(outcomes) as [Outcome, number][])
      this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + count;
  }
}

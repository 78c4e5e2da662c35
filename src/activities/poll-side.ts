import type { ManyDeps } from '../apply/apply-many.ts';
import { readId } from '../change/event-id.ts';
import type { Outcome } from '../change/outcome.ts';
import { canonicalTimestamptz } from '../pipeline/canonical-time.ts';
import type { PollActivities, PollCursor, PollProgress } from '../temporal/polling.ts';
import type { Hint } from '../temporal/messages.ts';
import { bringHints } from './bring-hints.ts';
import type { ActivityDeps } from './deps.ts';
import { applyDepsOf } from './route-of.ts';

/** The first look goes so far back. */
const firstLookMs = 24 * 60 * 60_000;

export function pollSideActivity(deps: ActivityDeps): PollActivities['pollSide'] {
  return async ({ pipeline, side, progress, run }) => {
    const look = new Look(deps, `${pipeline}/${side}/${run}/${progress.looks}`);
    const { changedAt } = deps.pipeline.sides.get(side)!.polling!;
    const of = deps.pipeline.routes
      .filter(({ source }) => source.side === side)
      .map(({ entity }) => applyDepsOf(deps, entity, side));
    const sweeps = isDue(progress.sweptAt, deps.polling.overlapMs);
    const cursors = { ...progress.cursors };
    for (const each of of.filter(({ route }) => route.source.columns.has(changedAt)))
      await look.at(each, async () => {
        const { entity } = each.route;
        const cursor = cursors[entity] ?? dayBack(each, changedAt);
        if (sweeps) await look.sweep(each, changedAt, cursor);
        cursors[entity] = await look.changed(each, changedAt, cursor);
      });
    const compared = await look.compare(of, changedAt, progress);
    return {
      ...look.result,
      progress: {
        looks: progress.looks + 1,
        cursors,
        sweptAt: sweeps ? new Date().toISOString() : progress.sweptAt,
        ...compared,
      },
      waitMs: look.isMore ? 0 : deps.polling.intervalMs,
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

/** One look at the tables of a side, and what came of it. */
class Look {
  readonly #deps: ActivityDeps;
  /** Of this look: a row that is read in two looks is two reads. */
  readonly #run: string;
  readonly #outcomes: Partial<Record<Outcome, number>> = {};
  readonly #troubles: Record<string, string> = {};
  #rows = 0;
  #left = 0;
  isMore = false;

  constructor(deps: ActivityDeps, run: string) {
    this.#deps = deps;
    this.#run = run;
  }

  get result() {
    return { rows: this.#rows, outcomes: this.#outcomes, left: this.#left, troubles: this.#troubles };
  }

  async at({ route }: ManyDeps, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#troubles[route.entity] = error instanceof Error ? error.message : String(error);
    }
  }

  /** Brings the rows that changed after the cursor, so many at a time; returns where it is then. */
  async changed(of: ManyDeps, column: string, cursor: PollCursor): Promise<PollCursor> {
    const { rows } = this.#deps.polling;
    const found = await of.source.listChanged(of.route.source, column, cursor, rows);
    await this.#bring(
      of,
      found.map(({ key }) => key),
      'changed',
    );
    if (found.length === rows) this.isMore = true;
    return found.at(-1) ?? cursor;
  }

  /** What was changed before the cursor and committed after it was passed, or changed twice at one time of the column. */
  async sweep(of: ManyDeps, column: string, cursor: PollCursor): Promise<void> {
    const { rows, overlapMs } = this.#deps.polling;
    let from: PollCursor = { at: timeOf(of, column, instantOf(cursor.at) - overlapMs), key: null };
    for (;;) {
      const found = await of.source.listChanged(of.route.source, column, from, rows);
      const before = found.filter(({ at }) => at <= cursor.at);
      await this.#bring(
        of,
        before.map(({ key }) => key),
        'swept',
      );
      if (before.length < rows) return;
      from = before.at(-1)!;
    }
  }

  /**
   * A part of the comparison: rows of the target whose source row is gone, and of tables that do not tell when a row was changed
   * all rows. A table that fails is left for the next comparison.
   */
  async compare(
    all: readonly ManyDeps[],
    column: string,
    { comparing, comparedAt }: PollProgress,
  ): Promise<Pick<PollProgress, 'comparing' | 'comparedAt'>> {
    if (comparing === null && !isDue(comparedAt, this.#deps.polling.compareMs))
      return { comparing, comparedAt };
    const parts = all.flatMap((of): [ManyDeps, 'keys' | 'rows'][] =>
      of.route.source.columns.has(column)
        ? [[of, 'keys']]
        : [
            [of, 'keys'],
            [of, 'rows'],
          ],
    );
    const under = ([{ route }, what]: (typeof parts)[number]) =>
      route.entity === comparing?.entity && what === comparing.what;
    const index = Math.max(0, parts.findIndex(under));
    const [of, what] = parts[index]!;
    let last: string | null = null;
    await this.at(of, async () => {
      const after = comparing?.after ?? null;
      last = what === 'keys' ? await this.#compareKeys(of, after) : await this.#compareRows(of, after);
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
  async #compareKeys(of: ManyDeps, after: string | null): Promise<string | null> {
    const { rows } = this.#deps.polling;
    const keys = await this.#known(of, after, rows);
    await this.#bring(of, await this.#gone(of, keys), 'gone');
    return keys.length === rows ? keys.at(-1)! : null;
  }

  async #compareRows(of: ManyDeps, after: string | null): Promise<string | null> {
    const { rows: limit } = this.#deps.polling;
    const keys = await of.source.listKeys(of.route.source, { after, until: null, where: null, limit });
    await this.#bring(of, keys, 'compared');
    return keys.length === limit ? keys.at(-1)! : null;
  }

  #known(
    { route: { pipeline, entity, source, target }, target: database }: ManyDeps,
    after: string | null,
    limit: number,
  ) {
    const of = { pipeline, entity, sourceSide: source.side, targetSide: target.side };
    return database.listIdentityKeys(of, after, limit);
  }

  async #gone({ route, source }: ManyDeps, keys: readonly string[]): Promise<string[]> {
    if (keys.length === 0) return [];
    const rows = await source.bulk.read((reader) => reader.findRows(route.source, keys));
    return keys.filter((_, index) => rows[index] === null);
  }

  async #bring(of: ManyDeps, keys: readonly string[], why: string): Promise<void> {
    const { pipeline, limits } = this.#deps;
    const { entity, source } = of.route;
    const timestamp = new Date().toISOString();
    const hints = keys.map((key): Hint => {
      const named = { pipeline: pipeline.name, entity, side: source.side, key };
      return { eventId: readId(named, `${this.#run}/${why}`), entity, side: source.side, key, timestamp };
    });
    if (hints.length === 0) return;
    const { outcomes, left } = await bringHints(this.#deps, of, hints, limits);
    this.#rows += hints.length;
    this.#left += left;
    for (const [outcome, count] of Object.entries(outcomes) as [Outcome, number][])
      this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + count;
  }
}

import type { ChangeEvent } from '../../../src/change/event.ts';
import type { Hint } from '../../../src/temporal/messages.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { appTransaction } from '../memory/app.ts';
import type { AppTransaction } from '../memory/app.ts';
import type { RowChange } from '../memory/store.ts';
import { MemoryDatabase } from '../memory-database.ts';
import { WallClocks } from './clock.ts';
import { Knowledge } from './knowledge.ts';
import { eventsOf, hintOf, readOf } from './log.ts';
import type { EchoMarks } from './log.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { appTables, constraints, sides } from './schema.ts';
import type { EntityName, Side } from './schema.ts';

/** What a seed makes of a run. */
export interface Settings {
  seed: number;
  /** Transactions of the apps. */
  writes: number;
  /** The right side's clock is off by up to so many microseconds. */
  skew: number;
  /** Probability of a failure at each contract call, before or after it took effect. */
  crash: number;
  /** Probability that an event comes again. */
  duplicate: number;
  /** Probability that an event is brought together with others. */
  batch: number;
  marks: EchoMarks;
  /** Rows of one entity alone, few of them, each written often. */
  few: boolean;
  /** Whether the apps change keys. */
  changeKeys: boolean;
  /** Every write to a row without a clock has a text of its own, which tells what was known when it was made. */
  distinct: boolean;
  /** The side whose app writes unique values: on both, two apps could take one value at once. */
  codesFrom: Side;
}

export function settingsOf(seed: number): Settings {
  const random = new Random(-seed);
  return {
    seed,
    writes: 8 + random.int(20),
    skew: random.pick([0, 3, 50, 1000]),
    crash: random.pick([0, 0.01, 0.04]),
    duplicate: random.pick([0, 0.15, 0.4]),
    batch: random.pick([0, 0.3, 0.8]),
    marks: random.pick([
      { origin: true, source: true },
      { origin: true, source: false },
      { origin: false, source: true },
      { origin: false, source: false },
    ]),
    few: random.chance(0.3),
    changeKeys: false,
    codesFrom: random.pick(sides),
    distinct: random.chance(0.5),
  };
}

/** Two databases, their apps and the log between them; everything that happens is the seed's choice. */
export class World {
  readonly settings: Settings;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly databases: Record<Side, MemoryDatabase>;
  /** Events started and not done, in no order. */
  readonly inFlight: ChangeEvent[] = [];
  /** Those of the events that only name their row, by id. */
  readonly hints = new Map<string, Hint>();
  /** Every event that was ever started. */
  readonly started = new Map<string, ChangeEvent>();
  /** Changes by the apps, as committed. */
  readonly appChanges: (RowChange & { side: Side })[] = [];
  readonly knowledge = new Knowledge();
  #texts = 0;
  /** Events whose effects ran. */
  readonly effects = new Set<string>();
  readonly counts: Record<string, number> = {};
  /** Contract calls fail at random. */
  crashing = true;
  readonly #clocks: WallClocks;
  readonly #trace: ((line: string) => void) | null;

  constructor(settings: Settings, trace: ((line: string) => void) | null = null) {
    this.settings = settings;
    this.#trace = trace;
    this.random = new Random(settings.seed);
    this.scheduler = new Scheduler(this.random);
    this.#clocks = new WallClocks(this.random, sides, settings.skew);
    this.databases = { left: this.#open('left', 1), right: this.#open('right', 2) };
  }

  #open(side: Side, firstKey: number): MemoryDatabase {
    const database = new MemoryDatabase(side, firstKey, { keyStep: 2, rules: constraints(side) });
    database.onCommit = (changes) => this.#captured(side, changes);
    database.interrupt = async (method, moment) => {
      if (moment === 'before') await this.scheduler.point();
      if (!this.crashing || !this.random.chance(this.settings.crash)) return;
      this.count('crashes');
      this.trace(() => `  crash ${moment} ${method} on ${side}`);
      throw new SyncError('unavailable', `the connection broke ${moment} ${method}`);
    };
    return database;
  }

  /** Different each time. */
  newText = (): string => `text ${(this.#texts += 1)}`;

  trace(line: () => string): void {
    this.#trace?.(line());
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** Runs a transaction of the side's app. What its database refuses, it gives up. */
  async write(side: Side, what: string, work: (tx: AppTransaction) => Promise<void>): Promise<void> {
    this.trace(() => `${side} app: ${what}`);
    try {
      await appTransaction(
        {
          database: this.databases[side],
          tables: appTables(side),
          now: () => this.#clocks.now(side),
          pause: this.scheduler.point,
        },
        work,
      );
      this.count('writes');
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      this.trace(() => `${side} app: refused: ${what}: ${error.message}`);
      this.count('refused');
    }
  }

  /**
   * Reads a table as a snapshot does: the rows as committed, at a place in the log that open
   * transactions may have written before.
   */
  read(side: Side, entity: EntityName): void {
    const { contents } = this.databases[side];
    this.count('reads');
    const order = contents.nextOrder();
    for (const [key, row] of contents.table(entity).committed)
      for (const event of readOf(side, entity, key, row, order, this.#at())) this.start(event);
  }

  /** Tells of every row of a table, as a backfill does; each is read when it is brought. */
  hint(side: Side, entity: EntityName): void {
    this.count('hints');
    const run = String(this.hints.size);
    for (const key of this.databases[side].contents.table(entity).committed.keys())
      for (const { event, hint } of hintOf(side, entity, key, run, this.#at())) {
        this.hints.set(hint.eventId, hint);
        this.start(event);
      }
  }

  start(event: ChangeEvent): void {
    this.trace(() => `log: ${describeEvent(event)}`);
    this.started.set(event.event_id, event);
    this.inFlight.push(event);
  }

  #captured(side: Side, changes: readonly RowChange[]): void {
    for (const change of changes) this.knowledge.note(side, change);
    for (const change of changes) if (!change.ours) this.appChanges.push({ ...change, side });
    const { events, echoes } = eventsOf(side, changes, this.#at(), this.settings.marks);
    if (echoes > 0) this.count('echoes');
    for (const event of events) this.start(event);
  }

  #at = (): bigint => 1_780_000_000_000_000n + BigInt(this.scheduler.points);
}

/** For a trace: of which row, which version, what came. */
export function describeEvent(event: ChangeEvent): string {
  const { operation, entity_type: entity, source, primary_key: key, clock, previous_key: previous } = event;
  const from = previous === undefined ? '' : ` from ${previous}`;
  const kind = event.snapshot ? (event.position.epoch === 0 ? 'HINT' : 'READ') : operation;
  const values = operation === 'DELETE' ? '' : ` ${JSON.stringify(event.payload)}`;
  const at = `@${clock ?? event.position.order.replace(/^0+/, '')}`;
  return `${kind} ${entity} ${source}:${key}${from} ${at}${values} [${event.event_id.slice(0, 8)}]`;
}

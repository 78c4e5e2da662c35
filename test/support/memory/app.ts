import type { Row } from '../../../src/change/value.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import type { MemoryDatabase } from '../memory-database.ts';
import { Owner } from './locks.ts';
import type { MemoryRow, RowChange, Store } from './store.ts';
import { TableWrites } from './table-write.ts';
import { tombstoneId } from './transaction.ts';

/** A table of the app, and what Tandem's triggers on it know. */
export interface AppTable {
  pipeline: string;
  entity: string;
  table: string;
  /** Columns of the column map; others stay on this side. */
  mapped: readonly string[];
  /** False: the table has no triggers, and no row clock. */
  triggers: boolean;
}

export interface AppWorld {
  database: MemoryDatabase;
  tables: readonly AppTable[];
  /** Wall clock of the side, microseconds. */
  now: () => bigint;
  /** Between two statements. */
  pause: () => Promise<void>;
}

/** Runs `work` as a transaction of the side's own app. */
export async function appTransaction(
  world: AppWorld,
  work: (tx: AppTransaction) => Promise<void>,
): Promise<void> {
  const { contents } = world.database;
  const tx = new AppTransaction(world);
  try {
    await work(tx);
    await world.pause();
  } catch (error) {
    contents.rollback(tx.owner);
    throw error;
  }
  contents.commit(tx.owner);
  world.database.onCommit(tx.changes);
}

const larger = (...clocks: (bigint | null)[]): bigint =>
  clocks.reduce<bigint>((most, clock) => (clock !== null && clock > most ? clock : most), 0n);

/** The app's statements, with what the triggers of `pipelines/<name>/sql` do for it. */
export class AppTransaction {
  readonly owner = new Owner();
  readonly changes: RowChange[] = [];
  readonly #world: AppWorld;
  readonly #store: Store;
  readonly #writes: TableWrites;

  constructor(world: AppWorld) {
    this.#world = world;
    this.#store = world.database.contents;
    this.#writes = new TableWrites(this.#store, this.owner);
  }

  async insert(entity: string, values: Row, given: string | null = null): Promise<string> {
    await this.#world.pause();
    const of = this.#of(entity);
    const key = given ?? this.#store.newKey();
    // An open delete of the key is waited for before its tombstone is looked for.
    await this.#store.table(of.table).lock(this.owner, key);
    const clock = of.triggers ? larger(this.#world.now(), this.#clockAbove(of, key)) : null;
    await this.#insert(of, key, values, clock);
    if (given !== null) this.#store.keyWasGiven(key);
    return key;
  }

  /** False where there is no such row. */
  async update(entity: string, key: string, changes: Row): Promise<boolean> {
    await this.#world.pause();
    const of = this.#of(entity);
    const before = await this.#store.table(of.table).lock(this.owner, key);
    if (!before) return false;
    const mapped = of.mapped.some((name) => name in changes && changes[name] !== before.values[name]);
    const after: MemoryRow = {
      ...before,
      values: { ...before.values, ...changes },
      ...(of.triggers &&
        mapped && { source: this.#side, clock: larger(this.#world.now(), before.clock! + 1n) }),
    };
    await this.#writes.update(of.table, key, after);
    this.#capture({ table: of.table, op: 'u', key, before, after });
    return true;
  }

  /** False where there is no such row. Where the table has triggers its children go first, each with its own. */
  async delete(entity: string, key: string): Promise<boolean> {
    await this.#world.pause();
    const of = this.#of(entity);
    const before = await this.#store.table(of.table).lock(this.owner, key);
    if (!before) return false;
    for (const child of this.#writes.children(of.table, key))
      await this.delete(
        this.#world.tables.find(({ table }) => table === child.childTable)!.entity,
        child.key,
      );
    if (of.triggers) await this.#leaveTombstone(of, key, before.clock! + 1n);
    await this.#writes.delete(of.table, key);
    this.#capture({ table: of.table, op: 'd', key, before, after: null });
    return true;
  }

  /** MySQL's: the insert trigger comes before the delete of the row that is there. */
  async replace(entity: string, key: string, values: Row): Promise<void> {
    await this.#world.pause();
    const of = this.#of(entity);
    const there = await this.#store.table(of.table).lock(this.owner, key);
    const above = there?.clock == null ? null : there.clock + 2n;
    const clock = of.triggers ? larger(this.#world.now(), above, this.#clockAbove(of, key)) : null;
    await this.delete(entity, key);
    await this.#insert(of, key, values, clock);
  }

  /** Changes the row's key. Refused while another row refers to it. */
  async changeKey(entity: string, key: string, newKey: string): Promise<boolean> {
    await this.#world.pause();
    const of = this.#of(entity);
    const before = await this.#store.table(of.table).lock(this.owner, key);
    if (!before) return false;
    if (this.#writes.children(of.table, key).length > 0)
      throw new SyncError('constraint', 'another row refers to the key');
    const clock = of.triggers
      ? larger(this.#world.now(), before.clock! + 2n, this.#clockAbove(of, newKey))
      : null;
    if (clock !== null) await this.#leaveTombstone(of, key, clock - 1n);
    if (of.triggers) {
      await this.#moveIdentity(of, key, newKey);
      await this.#moveClaim(of, key, newKey);
    }
    const after: MemoryRow = { ...before, clock, source: this.#side };
    await this.#writes.delete(of.table, key);
    await this.#writes.insert(of.table, newKey, after);
    this.#store.keyWasGiven(newKey);
    // One statement, one place in the log.
    const order = this.#store.nextOrder();
    this.#capture({ table: of.table, op: 'd', key, before, after: null, otherKey: newKey }, order);
    this.#capture({ table: of.table, op: 'c', key: newKey, before: null, after, otherKey: key }, order);
    return true;
  }

  async #insert(of: AppTable, key: string, values: Row, clock: bigint | null): Promise<void> {
    const after: MemoryRow = { values, clock, source: this.#side };
    await this.#writes.insert(of.table, key, after);
    this.#capture({ table: of.table, op: 'c', key, before: null, after });
  }

  get #side(): string {
    return this.#world.database.side;
  }

  #of(entity: string): AppTable {
    return this.#world.tables.find((table) => table.entity === entity)!;
  }

  /** The least clock a row with this key may start with: above the app's own delete of it and above Tandem's. */
  #clockAbove({ pipeline, entity }: AppTable, key: string): bigint | null {
    const own = this.#store.localTombstones.read(this.owner, this.#tombstoneId({ pipeline, entity }, key));
    const tandems = this.#store.identities
      .visible(this.owner)
      .filter(([, identity]) => identity.entity === entity && identity.targetKey === key)
      .map(([, { tombstone }]) => tombstone?.clock ?? null);
    const held = larger(own?.clock ?? null, ...tandems);
    return held === 0n ? null : held + 1n;
  }

  async #leaveTombstone(of: AppTable, key: string, left: bigint): Promise<void> {
    const id = this.#tombstoneId(of, key);
    const held = await this.#store.localTombstones.lock(this.owner, id);
    const clock = larger(left, held?.clock ?? null);
    await this.#store.localTombstones.write(this.owner, id, { clock });
  }

  async #moveIdentity({ entity }: AppTable, key: string, newKey: string): Promise<void> {
    const known = [...this.#store.identities.visible(this.owner)].filter(([, of]) => of.entity === entity);
    if (known.some(([, { targetKey }]) => targetKey === newKey)) return;
    for (const [id, { targetKey }] of known) {
      if (targetKey !== key) continue;
      const identity = (await this.#store.identities.lock(this.owner, id))!;
      await this.#store.identities.write(this.owner, id, { ...identity, targetKey: newKey });
    }
  }

  /** The fixed side's ledger alone holds claims. */
  async #moveClaim({ pipeline, entity }: AppTable, key: string, newKey: string): Promise<void> {
    const id = (of: string) => JSON.stringify([pipeline, entity, of]);
    if (this.#store.claims.read(this.owner, id(newKey))) return;
    const claim = await this.#store.claims.lock(this.owner, id(key));
    if (!claim) return;
    await this.#store.claims.write(this.owner, id(key), null);
    await this.#store.claims.write(this.owner, id(newKey), { ...claim, fixedKey: newKey });
  }

  #tombstoneId({ pipeline, entity }: Pick<AppTable, 'pipeline' | 'entity'>, key: string): string {
    return tombstoneId({ pipeline, entity, side: this.#side, key });
  }

  #capture(change: Omit<RowChange, 'order' | 'ours'>, order = this.#store.nextOrder()): void {
    this.changes.push({ ...change, order, ours: false });
  }
}

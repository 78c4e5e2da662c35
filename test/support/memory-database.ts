import type {
  ChangedAfter,
  ConflictRecord,
  Database,
  Identity,
  IdentityKey,
  KeyRange,
  StoredRow,
  Transaction,
  Version,
  WaitingEvent,
} from '../../src/database/contract.ts';
import type { Row } from '../../src/change/value.ts';
import type { Overdue } from '../../src/database/waiting-room.ts';
import type { CompiledTable } from '../../src/pipeline/route.ts';
import { memoryBulk } from './memory/bulk.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { identityId, Store } from './memory/store.ts';
import type { RowChange, TableRules } from './memory/store.ts';
import { holdersIn, MemoryReader, MemoryTransaction, tombstoneId } from './memory/transaction.ts';
import type { Interruption } from './memory/transaction.ts';

export interface MemoryOptions {
  /** Distance of generated keys. */
  keyStep?: number;
  /** Constraints by table. */
  rules?: Readonly<Record<string, TableRules>>;
}

/**
 * The database contract in memory, for simulations of the core: READ COMMITTED transactions that run at once and wait
 * for each other's rows, with primary keys, unique constraints and foreign keys. `test/support/contract` holds
 * it to what the engines do.
 */
export class MemoryDatabase extends MemoryReader implements Database {
  readonly engine = 'postgres';
  readonly side: string;
  readonly bulk = memoryBulk(this);
  /** Thrown by the next commit *after* it took effect: the caller sees a failure of what was done. */
  failAfterCommit: SyncError | null = null;
  /** Called at every contract method, and at `commit`. */
  interrupt: Interruption | null = null;
  /** Called with the row changes of each commit, in the order they were written. */
  onCommit: (changes: readonly RowChange[]) => void = () => {};

  constructor(side: string, firstKey: number, { keyStep = 1, rules = {} }: MemoryOptions = {}) {
    super(new Store(firstKey, keyStep, rules), null, () => this.interrupt);
    this.side = side;
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = new MemoryTransaction(this.store, this.interruption);
    let result: T;
    try {
      result = await work(tx);
      tx.assertSound();
      await this.interrupt?.('commit', 'before');
    } catch (error) {
      tx.rollback();
      throw error;
    }
    tx.commit();
    this.onCommit(tx.changes);
    await this.interrupt?.('commit', 'after');
    const failure = this.failAfterCommit;
    this.failAfterCommit = null;
    if (failure) throw failure;
    return result;
  }

  /** What is committed, to read and to change behind the contract's back. */
  get contents(): Store {
    return this.store;
  }

  rows = (table: string): Map<string, StoredRow> => this.store.table(table).committed;

  /** Keys of the rows that hold the values of a unique constraint. */
  holders = (table: string, values: Row): string[] =>
    holdersIn(this.store, null, table, values, null).map(({ key }) => key);

  newKey = (): string => this.store.newKey();

  get conflicts(): readonly ConflictRecord[] {
    return this.store.conflicts;
  }

  localTombstone(entity: string, key: string, pipeline = 'pair'): bigint | null {
    const id = tombstoneId({ pipeline, entity, side: this.side, key });
    return this.store.localTombstones.committed.get(id)?.clock ?? null;
  }

  leaveLocalTombstone(entity: string, key: string, clock: bigint, pipeline = 'pair'): void {
    const held = this.localTombstone(entity, key, pipeline);
    const id = tombstoneId({ pipeline, entity, side: this.side, key });
    if (held === null || clock > held) this.store.localTombstones.committed.set(id, { clock });
  }

  identityOfTarget(entity: string, key: string): Identity | null {
    return this.store.identities.find(null, (i) => i.entity === entity && i.targetKey === key)?.[1] ?? null;
  }

  /** As the trigger of a changed key does in the fixed side's ledger. */
  moveClaim(entity: string, key: string, newKey: string): void {
    const { committed } = this.store.claims;
    const all = [...committed].filter(([, claim]) => claim.entity === entity);
    if (all.some(([, claim]) => claim.fixedKey === newKey)) return;
    for (const [id, claim] of all)
      if (claim.fixedKey === key) {
        committed.delete(id);
        committed.set(JSON.stringify([claim.pipeline, claim.entity, newKey]), { ...claim, fixedKey: newKey });
      }
  }

  /** As housekeeping does, or somebody behind Tandem's back. */
  forgetIdentity = async (key: IdentityKey, _counter?: bigint): Promise<boolean> =>
    this.store.identities.committed.delete(identityId(key));

  forgetIdentities(): void {
    this.store.identities.committed.clear();
  }

  moveIdentityOfTarget(entity: string, key: string, newKey: string): void {
    if (this.identityOfTarget(entity, newKey) !== null) return;
    for (const [id, identity] of this.store.identities.committed)
      if (identity.entity === entity && identity.targetKey === key)
        this.store.identities.committed.set(id, { ...identity, targetKey: newKey });
  }

  /** Changes nothing that another transaction may hold: the room has no reader but whoever wakes. */
  enterWaitingRoom = async (event: WaitingEvent) => {
    await this.interrupt?.('enterWaitingRoom', 'before');
    this.store.waiting.committed.set(event.eventId, event);
    await this.interrupt?.('enterWaitingRoom', 'after');
  };

  findWaiting = async (row: IdentityKey) =>
    [...this.store.waiting.committed.values()].find((each) => identityId(each.row) === identityId(row)) ??
    null;

  /** As a ledger's, but that what was taken is given again. */
  takeWoken = async (): Promise<string[]> =>
    [...this.store.waiting.committed.values()]
      .filter(({ row, awaits, ownCounter }) =>
        this.store.identities.find(
          null,
          (i) =>
            i.pipeline === row.pipeline &&
            i.sourceSide === row.sourceSide &&
            i.targetSide === row.targetSide &&
            ((i.entity === awaits.entity &&
              (awaits.side === row.sourceSide ? i.sourceKey : i.targetKey) === awaits.key &&
              i.counter > BigInt(awaits.counter)) ||
              (i.entity === row.entity && i.sourceKey === row.sourceKey && i.counter > BigInt(ownCounter))),
        ),
      )
      .map(({ eventId }) => eventId);

  /** Without a clock of its own: of those in it all came long ago. */
  takeOverdue = async ({ pipeline, entity, side, isOverdue }: Overdue): Promise<string[]> =>
    (await isOverdue(0))
      ? [...this.store.waiting.committed.values()]
          .filter(
            ({ row, awaits }) =>
              row.pipeline === pipeline && awaits.entity === entity && row.sourceSide === side,
          )
          .map(({ eventId }) => eventId)
      : [];

  forgetWaiting = async (eventIds: readonly string[]) => {
    for (const eventId of eventIds) this.store.waiting.committed.delete(eventId);
  };

  listKeys = async ({ name }: CompiledTable, { after, until, where, limit }: KeyRange) => {
    if (where !== null) throw new Error('a database in memory knows no SQL');
    return [...this.rows(name).keys()]
      .filter((key) => after === null || inOrder(after, key) < 0)
      .filter((key) => until === null || inOrder(key, until) <= 0)
      .toSorted(inOrder)
      .slice(0, limit ?? undefined);
  };

  listChanged = async ({ name }: CompiledTable, column: string, after: ChangedAfter, limit: number) =>
    [...this.rows(name)]
      .map(([key, { values }]) => ({ key, at: String(values[column]) }))
      .filter(
        ({ at, key }) =>
          at > after.at || (at === after.at && (after.key === null || inOrder(after.key, key) < 0)),
      )
      .toSorted((a, b) => (a.at === b.at ? inOrder(a.key, b.key) : a.at < b.at ? -1 : 1))
      .slice(0, limit);

  listIdentityKeys = async (of: Omit<IdentityKey, 'sourceKey'>, after: string | null, limit: number) =>
    [...this.store.identities.committed.values()]
      .filter(({ pipeline, entity, sourceSide, targetSide, rowHash }) => {
        const own = pipeline === of.pipeline && entity === of.entity;
        return own && sourceSide === of.sourceSide && targetSide === of.targetSide && rowHash !== null;
      })
      .map(({ sourceKey }) => sourceKey)
      .filter((key) => after === null || key > after)
      .toSorted()
      .slice(0, limit);

  countRows = async ({ name }: CompiledTable) => this.rows(name).size;

  describe = async () => new Map();
  capabilities = async () => ({ originMarks: true });
  classify = (error: unknown) => (error instanceof SyncError ? error : new SyncError('bug', String(error)));
  ping = async () => {};
  close = async () => {};
}

/** Numbers by their size, as an engine has them. */
const inOrder = (one: string, other: string): number => one.localeCompare(other, 'en', { numeric: true });

export const latest = (...versions: (Version | bigint | null | undefined)[]): bigint =>
  versions.reduce<bigint>((max, v) => {
    const clock = typeof v === 'bigint' ? v : v ? v.clock : 0n;
    return clock > max ? clock : max;
  }, 0n);

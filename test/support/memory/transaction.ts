import type {
  Claim,
  ClaimKey,
  ClaimScope,
  ConflictRecord,
  Holder,
  Identity,
  IdentityChange,
  IdentityKey,
  ProcessedEvent,
  Reader,
  Referrer,
  RowMarks,
  StoredRow,
  Transaction,
} from '../../../src/database/contract.ts';
import type { Row } from '../../../src/change/value.ts';
import { writerName } from '../../../src/database/write-row.ts';
import { keyRow } from '../../../src/database/table-sql.ts';
import { newIdentity } from '../../../src/database/new-identity.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import type { CompiledTable, IncomingReference } from '../../../src/pipeline/route.ts';
import { Owner } from './locks.ts';
import { identityId } from './store.ts';
import type { MemoryRow, RowChange, Store } from './store.ts';
import { TableWrites } from './table-write.ts';

/** Called before each contract method does anything, and after it did: where it throws, the caller sees that failure. */
export type Interruption = (method: string, moment: 'before' | 'after') => Promise<void> | void;

/** The contract's reads, as one transaction sees them; null: outside of any. */
export class MemoryReader implements Reader {
  protected readonly store: Store;
  protected readonly owner: Owner | null;
  protected readonly interruption: () => Interruption | null;

  constructor(store: Store, owner: Owner | null, interruption: () => Interruption | null) {
    this.store = store;
    this.owner = owner;
    this.interruption = interruption;
  }

  protected async call<T>(method: string, work: () => T | Promise<T>): Promise<T> {
    const interrupt = this.interruption();
    if (interrupt === null) return work();
    await interrupt(method, 'before');
    const result = await work();
    await interrupt(method, 'after');
    return result;
  }

  findIdentity(key: IdentityKey) {
    return this.call('findIdentity', () => this.store.identities.read(this.owner, identityId(key)));
  }

  findIdentityByTarget(of: Parameters<Reader['findIdentityByTarget']>[0]) {
    const matches = (identity: Identity) =>
      identity.targetKey === of.targetKey &&
      identity.pipeline === of.pipeline &&
      identity.entity === of.entity &&
      identity.sourceSide === of.sourceSide &&
      identity.targetSide === of.targetSide;
    return this.call(
      'findIdentityByTarget',
      () => this.store.identities.find(this.owner, matches)?.[1] ?? null,
    );
  }

  findProcessed(eventId: string) {
    return this.call('findProcessed', () => this.store.processed.read(this.owner, eventId));
  }

  findClaim(of: ClaimScope, key: ClaimKey): Promise<Claim | null> {
    return this.call('findClaim', () => this.claim(of, key)?.[1] ?? null);
  }

  protected claim(of: ClaimScope, key: ClaimKey): [string, Claim] | null {
    const matches = (claim: Claim & ClaimScope) =>
      claim.pipeline === of.pipeline &&
      claim.entity === of.entity &&
      ('fixedKey' in key ? claim.fixedKey === key.fixedKey : claim.otherKey === key.otherKey);
    const found = this.store.claims.find(this.owner, matches);
    return found && [found[0], { fixedKey: found[1].fixedKey, otherKey: found[1].otherKey }];
  }

  findLocalTombstone(of: Parameters<Reader['findLocalTombstone']>[0]) {
    return this.call(
      'findLocalTombstone',
      () => this.store.localTombstones.read(this.owner, tombstoneId(of))?.clock ?? null,
    );
  }

  findRow(table: CompiledTable, key: string) {
    return this.call('findRow', () =>
      declared(table, key, this.store.table(table.name).read(this.owner, key)),
    );
  }

  findHolders(table: CompiledTable, values: Row, except: string | null): Promise<readonly Holder[]> {
    return this.call('findHolders', () =>
      holdersIn(this.store, this.owner, table.name, values, except).map((holder) => ({
        ...holder,
        row: declared(table, holder.key, holder.row)!,
      })),
    );
  }
}

/** Rows that hold the values of a unique constraint of the table. */
export const holdersIn = (
  store: Store,
  owner: Owner | null,
  table: string,
  values: Row,
  except: string | null,
) =>
  (store.rules[table]?.unique ?? []).flatMap(({ constraint: name, columns }) =>
    store
      .table(table)
      .visible(owner)
      .filter(
        ([key, row]) =>
          key !== except && columns.every((c) => values[c] != null && row.values[c] === values[c]),
      )
      .map(([key, row]) => ({ key, row, index: { name, columns, predicate: null, nullsDistinct: true } })),
  );

/** As the ledger's `local_tombstones`: of one entity of a pipeline on a side. */
export const tombstoneId = (of: { pipeline: string; entity: string; side: string; key: string }): string =>
  [of.pipeline, of.entity, of.side, of.key].join('\u0000');

const declared = (table: CompiledTable, key: string, row: MemoryRow | null): StoredRow | null => {
  if (row === null) return null;
  const all = { ...row.values, ...keyRow(table, key) };
  return {
    values: Object.fromEntries([...table.columns.keys()].map((name) => [name, all[name] ?? null])),
    clock: table.clock === null ? null : row.clock,
  };
};

/** One transaction. After a failed call it is doomed, as a server's is: every further one fails the same way. */
export class MemoryTransaction extends MemoryReader implements Transaction {
  readonly changes: RowChange[] = [];
  readonly conflicts: ConflictRecord[] = [];
  protected override readonly owner: Owner;
  readonly #writes: TableWrites;
  #failure: { error: unknown } | null = null;

  constructor(store: Store, interruption: () => Interruption | null) {
    const owner = new Owner();
    super(store, owner, interruption);
    this.owner = owner;
    this.#writes = new TableWrites(store, owner);
  }

  /** Throws the failure of an earlier call even where the caller went on. */
  assertSound(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Returns what undoes everything from here on, a failure included. */
  savepoint(): () => void {
    const relations = this.store.savepoint(this.owner);
    const [changes, conflicts] = [this.changes.length, this.conflicts.length];
    return () => {
      relations();
      this.changes.length = changes;
      this.conflicts.length = conflicts;
      this.#failure = null;
    };
  }

  commit(): void {
    this.store.conflicts.push(...this.conflicts);
    this.store.commit(this.owner);
  }

  rollback(): void {
    this.store.rollback(this.owner);
  }

  protected override async call<T>(method: string, work: () => T | Promise<T>): Promise<T> {
    this.assertSound();
    try {
      return await super.call(method, work);
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  lockIdentity(key: IdentityKey, targetKeyIfNew: string | null): Promise<Identity> {
    return this.call('lockIdentity', async () => {
      const known = await this.store.identities.lock(this.owner, identityId(key));
      if (known) return known;
      const identity = newIdentity(key, targetKeyIfNew);
      await this.#putIdentity(identity);
      return identity;
    });
  }

  /** Under lock; null, and nothing is locked, where there is none. */
  lockKnownIdentity(key: IdentityKey): Promise<Identity | null> {
    return this.call('lockKnownIdentity', async () =>
      this.store.identities.read(this.owner, identityId(key))
        ? this.store.identities.lock(this.owner, identityId(key))
        : null,
    );
  }

  /** Throws `contention` where another transaction was first. */
  makeIdentity(identity: Identity): Promise<void> {
    return this.call('makeIdentity', async () => {
      if (await this.store.identities.lock(this.owner, identityId(identity)))
        throw new SyncError('contention', 'another transaction made the identity first');
      await this.#putIdentity(identity);
    });
  }

  saveIdentity(key: IdentityKey, change: IdentityChange): Promise<void> {
    return this.call('saveIdentity', async () => {
      const identity = await this.store.identities.lock(this.owner, identityId(key));
      if (!identity) throw new SyncError('bug', 'an identity was saved that is not locked');
      await this.#putIdentity(changedIdentity(identity, change));
    });
  }

  async #putIdentity(identity: Identity): Promise<void> {
    const sameTarget = (other: Identity) =>
      identity.targetKey !== null &&
      other.targetKey === identity.targetKey &&
      other.pipeline === identity.pipeline &&
      other.entity === identity.entity &&
      other.targetSide === identity.targetSide &&
      other.sourceSide === identity.sourceSide;
    const id = identityId(identity);
    if ((await this.store.identities.rival(this.owner, id, sameTarget)) !== null)
      throw new SyncError('constraint', 'the target row is the row of another source row', {
        constraint: 'entity_mappings_target',
      });
    await this.store.identities.write(this.owner, id, identity);
  }

  lockClaim(of: ClaimScope, key: ClaimKey): Promise<Claim | null> {
    return this.call('lockClaim', async () => {
      for (;;) {
        const found = this.claim(of, key);
        if (!found) return null;
        await this.store.claims.lock(this.owner, found[0]);
        const now = this.claim(of, key);
        if (now?.[0] === found[0]) return now[1];
      }
    });
  }

  insertClaim(of: ClaimScope, claim: Claim): Promise<void> {
    return this.call('insertClaim', async () => {
      const id = JSON.stringify([of.pipeline, of.entity, claim.fixedKey]);
      if (await this.store.claims.lock(this.owner, id)) throw claimedFirst();
      await this.#putClaim(id, { ...of, ...claim });
    });
  }

  updateClaim(of: ClaimScope, fixedKey: string, claim: Claim): Promise<void> {
    return this.call('updateClaim', async () => {
      const id = JSON.stringify([of.pipeline, of.entity, claim.fixedKey]);
      const before = JSON.stringify([of.pipeline, of.entity, fixedKey]);
      if (id !== before) {
        if (await this.store.claims.lock(this.owner, id)) throw claimedFirst();
        await this.store.claims.write(this.owner, before, null);
      }
      await this.#putClaim(id, { ...of, ...claim });
    });
  }

  async #putClaim(id: string, claim: Claim & ClaimScope): Promise<void> {
    const same = (other: Claim & ClaimScope) =>
      claim.otherKey !== null &&
      other.otherKey === claim.otherKey &&
      other.pipeline === claim.pipeline &&
      other.entity === claim.entity;
    // Written first: of two at once each then sees the other.
    await this.store.claims.write(this.owner, id, claim);
    if ((await this.store.claims.rival(this.owner, id, same)) !== null) throw claimedFirst();
  }

  recordProcessed(event: ProcessedEvent): Promise<void> {
    return this.call('recordProcessed', async () => {
      if (await this.store.processed.lock(this.owner, event.eventId))
        throw cameSecond('another try of the event was committed first');
      await this.store.processed.write(this.owner, event.eventId, event);
    });
  }

  recordConflict(conflict: ConflictRecord): Promise<void> {
    return this.call('recordConflict', () => void this.conflicts.push(conflict));
  }

  lockRow(table: CompiledTable, key: string): Promise<StoredRow | null> {
    return this.call('lockRow', async () =>
      declared(table, key, await this.store.table(table.name).lock(this.owner, key)),
    );
  }

  insertRow(table: CompiledTable, key: string | null, values: Row, { clock }: RowMarks): Promise<string> {
    return this.call('insertRow', async () => {
      const own = key ?? this.store.newKey();
      const after = written(table, { values: withoutKey(table, values), clock }, clock);
      await this.#writes.insert(table.name, own, after);
      if (key !== null) this.store.keyWasGiven(key);
      this.#capture({ table: table.name, op: 'c', key: own, before: null, after });
      return own;
    });
  }

  updateRow(table: CompiledTable, key: string, values: Row, { clock }: RowMarks): Promise<void> {
    return this.call('updateRow', async () => {
      const marked = table.sourceColumn !== null || (table.clock !== null && clock !== null);
      if (Object.keys(values).length === 0 && !marked) return;
      const before = await this.store.table(table.name).lock(this.owner, key);
      if (!before) throw notTaken(table, 'update');
      const row = { ...before, values: { ...before.values, ...withoutKey(table, values) } };
      const after = written(table, row, clock);
      await this.#writes.update(table.name, key, after);
      this.#capture({ table: table.name, op: 'u', key, before, after });
    });
  }

  deleteRow(table: CompiledTable, key: string): Promise<void> {
    return this.call('deleteRow', async () => {
      const gone = await this.#writes.delete(table.name, key);
      if (gone.length === 0) throw notTaken(table, 'delete');
      for (const { table: name, key: own, row } of gone)
        this.#capture({ table: name, op: 'd', key: own, before: row, after: null });
    });
  }

  findReferrer(references: readonly IncomingReference[], key: string): Promise<Referrer | null> {
    return this.call('findReferrer', () => {
      for (const reference of references) {
        const found = this.store
          .table(reference.table.name)
          .find(this.owner, ({ values }) => values[reference.column] === key);
        if (found) return { ...reference, key: found[0] };
      }
      return null;
    });
  }

  leaveWaitingRoom(eventId: string): Promise<void> {
    return this.call('leaveWaitingRoom', () => this.store.waiting.write(this.owner, eventId, null));
  }

  #capture(change: Omit<RowChange, 'order' | 'ours'>): void {
    this.changes.push({ ...change, order: this.store.nextOrder(), ours: true });
  }
}

const claimedFirst = () => cameSecond('another transaction claimed the row first');

/** As a unique index of the ledger tells it. */
const cameSecond = (message: string) =>
  new SyncError('contention', message, { cause: new SyncError('constraint', message) });

function changedIdentity(identity: Identity, change: IdentityChange): Identity {
  const { targetKey, position, sourceTimestamp, written, rowHash, tombstone, sourceClock } = change;
  return {
    ...identity,
    counter: identity.counter + 1n,
    ...(targetKey !== undefined && { targetKey }),
    ...(position && { position }),
    ...(sourceTimestamp !== undefined && { sourceTime: Date.parse(sourceTimestamp) }),
    ...(written && { written }),
    ...(rowHash !== undefined && { rowHash }),
    ...(tombstone !== undefined && { tombstone }),
    ...(sourceClock !== undefined && { sourceClock }),
  };
}

const notTaken = (table: CompiledTable, operation: string) =>
  new SyncError('constraint', `table ${table.name} did not take the ${operation}`);

const withoutKey = (table: CompiledTable, values: Row): Row =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !table.key.includes(name)));

/** The row with Tandem's marks; a null clock leaves the row's alone. */
const written = (table: CompiledTable, row: MemoryRow, clock: bigint | null): MemoryRow => ({
  ...row,
  clock: clock ?? row.clock,
  ...(table.sourceColumn !== null && { source: writerName }),
});

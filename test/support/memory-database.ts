import type {
  ConflictRecord,
  Database,
  Identity,
  IdentityChange,
  IdentityKey,
  ProcessedEvent,
  StoredRow,
  Transaction,
  Version,
} from '../../src/database/contract.ts';
import type { Row } from '../../src/change/value.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { CompiledTable } from '../../src/pipeline/route.ts';

interface State {
  tables: Map<string, Map<string, StoredRow>>;
  identities: Map<string, Identity>;
  processed: Map<string, ProcessedEvent>;
  localTombstones: Map<string, bigint>;
  conflicts: ConflictRecord[];
  nextKey: number;
}

const identityId = (k: IdentityKey) =>
  [k.pipeline, k.entity, k.sourceSide, k.sourceKey, k.targetSide].join('\u0000');

/** The database contract in memory, one transaction at a time; for simulations of the core. */
export class MemoryDatabase implements Database {
  readonly engine = 'postgres';
  readonly side: string;
  /** Thrown by the next commit *after* it took effect: the caller sees a failure of what was done. */
  failAfterCommit: SyncError | null = null;
  private state: State;

  constructor(side: string, firstKey: number) {
    this.side = side;
    this.state = {
      tables: new Map(),
      identities: new Map(),
      processed: new Map(),
      localTombstones: new Map(),
      conflicts: [],
      nextKey: firstKey,
    };
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const before = structuredClone(this.state);
    let result: T;
    try {
      result = await work(this);
    } catch (error) {
      this.state = before;
      throw error;
    }
    const failure = this.failAfterCommit;
    this.failAfterCommit = null;
    if (failure) throw failure;
    return result;
  }

  rows(table: string): Map<string, StoredRow> {
    let rows = this.state.tables.get(table);
    if (!rows) this.state.tables.set(table, (rows = new Map()));
    return rows;
  }

  newKey = (): string => String(this.state.nextKey++);

  get conflicts(): readonly ConflictRecord[] {
    return this.state.conflicts;
  }

  localTombstone(entity: string, key: string): bigint | null {
    return this.state.localTombstones.get(`${entity}\u0000${key}`) ?? null;
  }

  leaveLocalTombstone(entity: string, key: string, clock: bigint): void {
    const held = this.localTombstone(entity, key);
    if (held === null || clock > held) this.state.localTombstones.set(`${entity}\u0000${key}`, clock);
  }

  identityOfTarget(entity: string, key: string): Identity | null {
    for (const identity of this.state.identities.values())
      if (identity.entity === entity && identity.targetKey === key) return identity;
    return null;
  }

  moveIdentityOfTarget(entity: string, key: string, newKey: string): void {
    const taken = this.identityOfTarget(entity, newKey);
    if (taken) taken.targetKey = null;
    const moved = this.identityOfTarget(entity, key);
    if (moved) moved.targetKey = newKey;
  }

  findIdentity = async (key: IdentityKey) =>
    structuredClone(this.state.identities.get(identityId(key)) ?? null);

  findIdentityByTarget = async ({ entity, targetKey }: { entity: string; targetKey: string }) =>
    structuredClone(this.identityOfTarget(entity, targetKey));

  findProcessed = async (eventId: string) => this.state.processed.get(eventId) ?? null;

  findLocalTombstone = async ({ entity, key }: { entity: string; key: string }) =>
    this.localTombstone(entity, key);

  findRow = async (table: CompiledTable, key: string) =>
    structuredClone(this.rows(table.name).get(key) ?? null);

  lockRow = this.findRow;

  async lockIdentity(key: IdentityKey, targetKeyIfNew: string | null): Promise<Identity> {
    const id = identityId(key);
    if (!this.state.identities.has(id))
      this.state.identities.set(id, {
        ...key,
        targetKey: targetKeyIfNew,
        position: null,
        counter: 0n,
        written: null,
        rowHash: null,
        tombstone: null,
      });
    return structuredClone(this.state.identities.get(id)!);
  }

  async saveIdentity(key: IdentityKey, change: IdentityChange): Promise<void> {
    const identity = this.state.identities.get(identityId(key))!;
    Object.assign(identity, change, { counter: identity.counter + 1n });
  }

  async recordProcessed(event: ProcessedEvent): Promise<void> {
    if (this.state.processed.has(event.eventId)) throw new SyncError('contention', 'event is recorded twice');
    this.state.processed.set(event.eventId, event);
  }

  async recordConflict(conflict: ConflictRecord): Promise<void> {
    this.state.conflicts.push(conflict);
  }

  async insertRow(
    table: CompiledTable,
    key: string | null,
    values: Row,
    { clock }: { clock: bigint | null },
  ): Promise<string> {
    const given = key ?? this.newKey();
    if (this.rows(table.name).has(given)) throw new SyncError('constraint', 'key exists');
    this.rows(table.name).set(given, { values, clock });
    return given;
  }

  async updateRow(
    table: CompiledTable,
    key: string,
    values: Row,
    { clock }: { clock: bigint | null },
  ): Promise<void> {
    const row = this.rows(table.name).get(key)!;
    this.rows(table.name).set(key, { values: { ...row.values, ...values }, clock });
  }

  async deleteRow(table: CompiledTable, key: string): Promise<void> {
    this.rows(table.name).delete(key);
  }

  async findReferrer(
    references: readonly { entity: string; table: CompiledTable; column: string }[],
    key: string,
  ) {
    return (
      references.find(({ table, column }) =>
        [...this.rows(table.name).values()].some(({ values }) => values[column] === key),
      ) ?? null
    );
  }

  describe = async () => new Map();
  capabilities = async () => ({ originMarks: true });
  classify = (error: unknown) => (error instanceof SyncError ? error : new SyncError('bug', String(error)));
  ping = async () => {};
  close = async () => {};
}

export const latest = (...versions: (Version | bigint | null | undefined)[]): bigint =>
  versions.reduce<bigint>((max, v) => {
    const clock = typeof v === 'bigint' ? v : v ? v.clock : 0n;
    return clock > max ? clock : max;
  }, 0n);

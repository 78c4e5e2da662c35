import type {
  Claim,
  ClaimScope,
  ConflictRecord,
  Identity,
  IdentityKey,
  ProcessedEvent,
  StoredRow,
  WaitingEvent,
} from '../../../src/database/contract.ts';
import { Locks } from './locks.ts';
import type { Owner } from './locks.ts';
import { Relation } from './relation.ts';

/** A foreign key: `column` holds the key of a row of `table`. */
export interface ForeignKey {
  constraint: string;
  column: string;
  table: string;
  onDelete: 'restrict' | 'cascade';
}

/** What a table refuses beside a key that is taken. */
export interface TableRules {
  unique?: readonly { constraint: string; columns: readonly string[] }[];
  foreignKeys?: readonly ForeignKey[];
}

/** A stored row; the key's columns are in its key, not among its values. */
export interface MemoryRow extends StoredRow {
  /** Who wrote it, in the words of the seeds' rule. */
  source?: string;
}

/** A row change as the log of the database tells it once its transaction is committed. */
export interface RowChange {
  table: string;
  op: 'c' | 'u' | 'd';
  key: string;
  before: MemoryRow | null;
  after: MemoryRow | null;
  /** The other half of a primary-key change. */
  otherKey?: string;
  /** Place in the log: that of the write, not of the commit. */
  order: number;
  /** Written by Tandem. */
  ours: boolean;
}

export const identityId = (k: IdentityKey): string =>
  [k.pipeline, k.entity, k.sourceSide, k.sourceKey, k.targetSide].join('\u0000');

/** Everything one database holds. */
export class Store {
  readonly rules: Readonly<Record<string, TableRules>>;
  readonly identities: Relation<Identity>;
  /** By scope and fixed key. */
  readonly claims: Relation<Claim & ClaimScope>;
  readonly processed: Relation<ProcessedEvent>;
  readonly localTombstones: Relation<{ clock: bigint }>;
  readonly waiting: Relation<WaitingEvent>;
  readonly conflicts: ConflictRecord[] = [];
  readonly #locks = new Locks();
  readonly #tables = new Map<string, Relation<MemoryRow>>();
  readonly #keyStep: number;
  #nextKey: number;
  #order = 0;

  constructor(firstKey: number, keyStep: number, rules: Readonly<Record<string, TableRules>>) {
    this.#nextKey = firstKey;
    this.#keyStep = keyStep;
    this.rules = rules;
    this.identities = new Relation('entity_mappings', this.#locks);
    this.claims = new Relation('identity_claims', this.#locks);
    this.processed = new Relation('processed_events', this.#locks);
    this.localTombstones = new Relation('local_tombstones', this.#locks);
    this.waiting = new Relation('waiting_events', this.#locks);
  }

  table(name: string): Relation<MemoryRow> {
    let table = this.#tables.get(name);
    if (!table) this.#tables.set(name, (table = new Relation(`table ${name}`, this.#locks)));
    return table;
  }

  /** Keys are handed out once, whatever is rolled back. */
  newKey(): string {
    const key = this.#nextKey;
    this.#nextKey += this.#keyStep;
    return String(key);
  }

  /** A key that was given is not handed out later. */
  keyWasGiven(key: string): void {
    const given = Number(key);
    if (!Number.isSafeInteger(given) || given < this.#nextKey) return;
    this.#nextKey += Math.ceil((given + 1 - this.#nextKey) / this.#keyStep) * this.#keyStep;
  }

  /** The next place in the log. */
  nextOrder = (): number => ++this.#order;

  commit(owner: Owner): void {
    for (const relation of this.#relations()) relation.commit(owner);
    this.#locks.release(owner);
  }

  /** As a relation's, of all; locks stay. */
  savepoint(owner: Owner): () => void {
    const known = [...this.#relations()].map((relation) => [relation, relation.savepoint(owner)] as const);
    return () => {
      const saved = new Map(known);
      for (const relation of this.#relations()) (saved.get(relation) ?? (() => relation.rollback(owner)))();
    };
  }

  rollback(owner: Owner): void {
    for (const relation of this.#relations()) relation.rollback(owner);
    this.#locks.release(owner);
  }

  *#relations() {
    yield* [this.identities, this.claims, this.processed, this.localTombstones, this.waiting];
    yield* this.#tables.values();
  }
}

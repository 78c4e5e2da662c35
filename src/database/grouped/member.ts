import type { CompiledTable, IncomingReference } from '../../pipeline/route.ts';
import type { Row } from '../../change/value.ts';
import type {
  Claim,
  ClaimKey,
  ClaimScope,
  ConflictRecord,
  Identity,
  IdentityChange,
  IdentityKey,
  ProcessedEvent,
  RowMarks,
  Transaction,
} from '../contract.ts';
import { claimKind, GroupedReader } from './grouped-reader.ts';
import type { BulkTransaction, ByTarget, TombstoneOf } from './bulk.ts';
import { halving } from './halving.ts';
import { fulfilled } from './queue.ts';
import type { Queue } from './queue.ts';
import type { Turns } from './turns.ts';

/** Of kinds that are answered in one round: what lets go of values before what takes them. */
const order = { read: 0, identity: 1, row: 2, delete: 3, update: 4, insert: 5, claim: 6, ledger: 7 };

export interface Group {
  tx: BulkTransaction;
  queue: Queue;
  turns: Turns<Member>;
  /** As locked or last saved, by name. */
  identities: Map<string, Identity>;
}

const nameOf = ({ pipeline, entity, sourceSide, sourceKey, targetSide }: IdentityKey): string =>
  JSON.stringify([pipeline, entity, sourceSide, targetSide, sourceKey]);

/**
 * One of several transactions that are one in the database: what all of them ask for at a time is asked in one statement.
 * A row, and an identity, belongs to one of them until it ends, as a lock of the database would have it.
 */
export class Member implements Transaction {
  /** It wrote something that has to be undone where it fails. */
  written = false;
  /** What a call failed with. */
  failure: { error: unknown } | null = null;
  readonly #group: Group;
  readonly #reader: GroupedReader;
  readonly #held = new Map<string, () => void>();

  constructor(group: Group) {
    this.#group = group;
    this.#reader = new GroupedReader(group.queue, (work) => work(group.tx));
  }

  /** Lets the others have what it held. */
  end(): void {
    for (const release of this.#held.values()) release();
  }

  findIdentity = (key: IdentityKey) => this.#reader.findIdentity(key);
  findIdentityByTarget = (of: ByTarget) => this.#reader.findIdentityByTarget(of);
  findProcessed = (eventId: string) => this.#reader.findProcessed(eventId);
  findLocalTombstone = (of: TombstoneOf) => this.#reader.findLocalTombstone(of);
  findRow = (table: CompiledTable, key: string) => this.#reader.findRow(table, key);
  findClaim = (of: ClaimScope, key: ClaimKey) => this.#reader.findClaim(of, key);
  findHolders = (table: CompiledTable, values: Row, except: string | null) =>
    this.#oneByOne('find holders', order.read, (tx) => tx.findHolders(table, values, except));
  findReferrer = (references: readonly IncomingReference[], key: string) =>
    this.#oneByOne('find referrer', order.read, (tx) => tx.findReferrer(references, key));

  lockIdentity(key: IdentityKey, targetKeyIfNew: string | null): Promise<Identity> {
    return this.#sound(this.#lockIdentity(key, targetKeyIfNew));
  }

  async #lockIdentity(key: IdentityKey, targetKeyIfNew: string | null): Promise<Identity> {
    const { queue, tx, identities } = this.#group;
    const name = nameOf(key);
    await this.#take(name);
    const known = identities.get(name);
    if (known) return known;
    const scope = `lock ${key.pipeline} ${key.entity} ${key.sourceSide} ${key.targetSide}`;
    const locked = await queue.call(scope, order.identity, { key, targetKeyIfNew }, (calls) =>
      halving(tx, calls, (some) => tx.lockIdentities(some)),
    );
    identities.set(name, locked);
    return locked;
  }

  async lockRow(table: CompiledTable, key: string) {
    const { queue, tx } = this.#group;
    await this.#take(JSON.stringify([table.schema, table.name, key]));
    return queue.call(`lock ${table.schema}.${table.name}`, order.row, key, async (keys) =>
      fulfilled(await tx.lockRows(table, keys)),
    );
  }

  lockClaim(of: ClaimScope, key: ClaimKey): Promise<Claim | null> {
    const { queue, tx } = this.#group;
    return queue.call(`lock ${claimKind(of, key)}`, order.row, key, async (keys) =>
      fulfilled(await tx.lockClaims(of, keys)),
    );
  }

  insertRow(table: CompiledTable, key: string | null, values: Row, marks: RowMarks): Promise<string> {
    const { queue, tx } = this.#group;
    return this.#writing(
      queue.call(`insert ${table.schema}.${table.name}`, order.insert, { key, values, marks }, (rows) =>
        halving(tx, rows, (some) => tx.insertRows(table, some)),
      ),
    );
  }

  updateRow = (table: CompiledTable, key: string, values: Row, marks: RowMarks) =>
    this.#write('update', order.update, (tx) => tx.updateRow(table, key, values, marks));
  deleteRow = (table: CompiledTable, key: string) =>
    this.#write('delete', order.delete, (tx) => tx.deleteRow(table, key));
  insertClaim(of: ClaimScope, claim: Claim): Promise<void> {
    const { queue, tx } = this.#group;
    return this.#writing(
      queue.call(`insert claim ${of.pipeline} ${of.entity}`, order.claim, claim, (claims) =>
        halving(tx, claims, async (some) => {
          await tx.insertClaims(of, some);
          return some.map(() => undefined);
        }),
      ),
    );
  }
  updateClaim = (of: ClaimScope, fixedKey: string, claim: Claim) =>
    this.#write('update claim', order.claim, (tx) => tx.updateClaim(of, fixedKey, claim));
  leaveWaitingRoom = (eventId: string) =>
    this.#write('leave', order.ledger, (tx) => tx.leaveWaitingRoom(eventId));

  saveIdentity(key: IdentityKey, change: IdentityChange): Promise<void> {
    const { queue, tx, identities } = this.#group;
    const name = nameOf(key);
    if (!identities.has(name))
      return this.#write('save', order.ledger, (one) => one.saveIdentity(key, change));
    const scope = `save ${key.pipeline} ${key.entity} ${key.sourceSide} ${key.targetSide}`;
    const saved = queue.call(scope, order.ledger, { key, name, change }, async (saves) => {
      const saved = await tx.saveIdentities(
        saves.map((save) => ({ locked: identities.get(save.name)!, change: save.change })),
      );
      for (const [index, identity] of saved.entries()) identities.set(saves[index]!.name, identity);
      return fulfilled(saved.map(() => undefined));
    });
    return this.#writing(saved);
  }

  recordConflict(conflict: ConflictRecord): Promise<void> {
    const { queue, tx } = this.#group;
    return this.#writing(
      queue.call('record conflict', order.ledger, conflict, async (all) => {
        await tx.recordConflicts(all);
        return fulfilled(all.map(() => undefined));
      }),
    );
  }

  recordProcessed(event: ProcessedEvent): Promise<void> {
    const { queue, tx } = this.#group;
    return this.#writing(
      queue.call('record processed', order.ledger, event, (all) =>
        halving(tx, all, async (some) => {
          await tx.recordProcessed(some);
          return some.map(() => undefined);
        }),
      ),
    );
  }

  async #take(name: string): Promise<void> {
    if (!this.#held.has(name)) this.#held.set(name, await this.#group.turns.take(this, name));
  }

  async #writing<R>(done: Promise<R>): Promise<R> {
    const result = await this.#sound(done);
    this.written = true;
    return result;
  }

  /** A call that fails dooms the transaction, even where its caller goes on. */
  async #sound<R>(done: Promise<R>): Promise<R> {
    if (this.failure) throw this.failure.error;
    try {
      return await done;
    } catch (error) {
      this.failure ??= { error };
      throw error;
    }
  }

  #write<R>(kind: string, at: number, run: (tx: Transaction) => Promise<R>): Promise<R> {
    const { tx, queue } = this.#group;
    return this.#writing(
      queue.call(kind, at, run, (runs) => halving(tx, runs, (some) => eachOf(tx.single, some))),
    );
  }

  #oneByOne<R>(kind: string, at: number, run: (tx: Transaction) => Promise<R>): Promise<R> {
    const { tx, queue } = this.#group;
    return queue.call(kind, at, run, async (runs) => fulfilled(await eachOf(tx.single, runs)));
  }
}

async function eachOf<R>(tx: Transaction, runs: readonly ((tx: Transaction) => Promise<R>)[]): Promise<R[]> {
  const results: R[] = [];
  for (const run of runs) results.push(await run(tx));
  return results;
}

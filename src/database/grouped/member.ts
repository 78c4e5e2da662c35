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
  StoredRow,
  Transaction,
} from '../contract.ts';
import { newIdentity } from '../new-identity.ts';
import { claimKind, GroupedReader } from './grouped-reader.ts';
import type { BulkTransaction, ByTarget, TombstoneOf } from './bulk.ts';
import { halving } from './halving.ts';
import { fulfilled } from './queue.ts';
import type { Answer, Queue } from './queue.ts';
import type { Turns } from './turns.ts';

/** Of kinds that are answered in one round: what lets go of values before what takes them. */
const order = { read: 0, identity: 1, row: 2, delete: 3, update: 4, insert: 5, claim: 6, ledger: 7, made: 8 };

export interface Group {
  tx: BulkTransaction;
  queue: Queue;
  turns: Turns<Member>;
  /** As locked, last saved or to be made, by name. */
  identities: Map<string, Identity>;
  /** Names of those that are not in the database yet. */
  unmade: Set<string>;
}

const tableOf = ({ schema, name }: CompiledTable): string => `${schema}.${name}`;

interface Save {
  name: string;
  change: IdentityChange;
}

const scopeOf = ({ pipeline, entity, sourceSide, targetSide }: IdentityKey): string =>
  `${pipeline} ${entity} ${sourceSide} ${targetSide}`;

const nameOf = ({ pipeline, entity, sourceSide, sourceKey, targetSide }: IdentityKey): string =>
  JSON.stringify([pipeline, entity, sourceSide, targetSide, sourceKey]);

/**
 * One of several transactions that are one in the database: what all of them ask for at a time is asked in one statement.
 * A row, and an identity, belongs to one of them until it ends, as a lock of the database would have it.
 */
export class Member implements Transaction {
  /** It wrote something that has to be undone where it fails. */
  written = false;
  /** What a call failed with: it dooms the transaction, even where its caller goes on. */
  failure: { error: unknown } | null = null;
  readonly #group: Group;
  readonly #reader: GroupedReader;
  readonly #held = new Set<string>();
  readonly #failed = (error: unknown) => void (this.failure ??= { error });
  readonly #wrote = () => void (this.written = true);

  constructor(group: Group) {
    this.#group = group;
    this.#reader = new GroupedReader(group.queue, (work) => work(group.tx));
  }

  /** Lets the others have what it held. */
  end(): void {
    for (const name of this.#held) this.#group.turns.give(name);
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

  lockIdentity(
    key: IdentityKey,
    targetKeyIfNew: string | null,
    { saves } = { saves: false },
  ): Promise<Identity> {
    const { tx, identities, unmade } = this.#group;
    const name = nameOf(key);
    return this.#having(name, () => {
      const known = identities.get(name);
      if (known && (saves || !unmade.has(name))) return Promise.resolve(known);
      const locked = (identity: Identity) => {
        unmade.delete(name);
        identities.set(name, identity);
      };
      if (!saves)
        return this.#call(
          `lock ${scopeOf(key)}`,
          order.identity,
          { key, targetKeyIfNew },
          (calls) => halving(tx, calls, (some) => tx.lockIdentities(some)),
          locked,
        );
      const isNew = newIdentity(key, targetKeyIfNew);
      return this.#call(
        `known ${scopeOf(key)}`,
        order.identity,
        { key, isNew },
        async (calls) => {
          const found = await tx.lockKnownIdentities(calls.map((call) => call.key));
          return fulfilled(found.map((identity, at) => identity ?? calls[at]!.isNew));
        },
        (identity) => {
          locked(identity);
          if (identity === isNew) unmade.add(name);
        },
      );
    });
  }

  lockRow(table: CompiledTable, key: string): Promise<StoredRow | null> {
    const { tx } = this.#group;
    return this.#having(JSON.stringify([table.schema, table.name, key]), () =>
      this.#call(`lock ${tableOf(table)}`, order.row, key, async (keys) =>
        fulfilled(await tx.lockRows(table, keys)),
      ),
    );
  }

  lockClaim(of: ClaimScope, key: ClaimKey): Promise<Claim | null> {
    const { tx } = this.#group;
    return this.#call(`lock ${claimKind(of, key)}`, order.row, key, async (keys) =>
      fulfilled(await tx.lockClaims(of, keys)),
    );
  }

  insertRow(table: CompiledTable, key: string | null, values: Row, marks: RowMarks): Promise<string> {
    const { tx } = this.#group;
    return this.#call(
      `insert ${tableOf(table)}`,
      order.insert,
      { key, values, marks },
      (rows) => halving(tx, rows, (some) => tx.insertRows(table, some)),
      this.#wrote,
    );
  }

  updateRow = (table: CompiledTable, key: string, values: Row, marks: RowMarks) =>
    this.#write(`update ${tableOf(table)}`, order.update, { key, values, marks }, (tx, rows) =>
      tx.updateRows(table, rows),
    );
  deleteRow = (table: CompiledTable, key: string) =>
    this.#writeEach('delete', order.delete, (tx) => tx.deleteRow(table, key));
  insertClaim = (of: ClaimScope, claim: Claim) =>
    this.#write(`insert claim ${of.pipeline} ${of.entity}`, order.claim, claim, (tx, claims) =>
      tx.insertClaims(of, claims),
    );
  updateClaim = (of: ClaimScope, fixedKey: string, claim: Claim) =>
    this.#writeEach('update claim', order.claim, (tx) => tx.updateClaim(of, fixedKey, claim));
  leaveWaitingRoom = (eventId: string) =>
    this.#writeEach('leave', order.ledger, (tx) => tx.leaveWaitingRoom(eventId));
  recordConflict = (conflict: ConflictRecord) =>
    this.#write('record conflict', order.ledger, conflict, (tx, all) => tx.recordConflicts(all));
  recordProcessed = (event: ProcessedEvent) =>
    this.#write('record processed', order.ledger, event, (tx, all) => tx.recordProcessed(all));

  saveIdentity(key: IdentityKey, change: IdentityChange): Promise<void> {
    const { tx, identities, unmade } = this.#group;
    const name = nameOf(key);
    if (!identities.has(name))
      return this.#writeEach('save', order.ledger, (one) => one.saveIdentity(key, change));
    const make = unmade.has(name);
    const save = async (saves: readonly Save[]) => {
      const changes = saves.map((each) => ({ locked: identities.get(each.name)!, change: each.change }));
      const saved = make ? await tx.makeIdentities(changes) : await tx.saveIdentities(changes);
      for (const [at, identity] of saved.entries()) {
        identities.set(saves[at]!.name, identity);
        unmade.delete(saves[at]!.name);
      }
      return saved.map(() => undefined);
    };
    return this.#call(
      `${make ? 'make' : 'save'} ${scopeOf(key)}`,
      make ? order.made : order.ledger,
      { name, change },
      make ? (saves) => halving(tx, saves, save) : async (saves) => fulfilled(await save(saves)),
      this.#wrote,
    );
  }

  /** Does what is to be done once it has the turn of something; it keeps it to its end. */
  #having<R>(name: string, then: () => Promise<R>): Promise<R> {
    if (this.#held.has(name)) return then();
    try {
      const turn = this.#group.turns.take(this, name);
      if (turn) return this.#inTurn(turn, name, then);
    } catch (error) {
      this.#failed(error);
      return Promise.reject(error);
    }
    this.#held.add(name);
    return then();
  }

  async #inTurn<R>(turn: Promise<void>, name: string, then: () => Promise<R>): Promise<R> {
    await turn;
    this.#held.add(name);
    return then();
  }

  #call<A, R>(
    kind: string,
    at: number,
    argument: A,
    answer: Answer<A, R>,
    result?: (result: R) => void,
  ): Promise<R> {
    if (this.failure) return Promise.reject(this.failure.error);
    return this.#group.queue.call(kind, at, argument, answer, {
      error: this.#failed,
      ...(result && { result }),
    });
  }

  #write<A>(
    kind: string,
    at: number,
    argument: A,
    write: (tx: BulkTransaction, all: readonly A[]) => Promise<void>,
  ): Promise<void> {
    const { tx } = this.#group;
    const all = (items: readonly A[]) =>
      halving(tx, items, async (some) => {
        await write(tx, some);
        return some.map(() => undefined);
      });
    return this.#call(kind, at, argument, all, this.#wrote);
  }

  #writeEach(kind: string, at: number, run: (tx: Transaction) => Promise<void>): Promise<void> {
    return this.#write(kind, at, run, async (tx, runs) => void (await eachOf(tx.single, runs)));
  }

  #oneByOne<R>(kind: string, at: number, run: (tx: Transaction) => Promise<R>): Promise<R> {
    const { tx } = this.#group;
    return this.#call(kind, at, run, async (runs) => fulfilled(await eachOf(tx.single, runs)));
  }
}

async function eachOf<R>(tx: Transaction, runs: readonly ((tx: Transaction) => Promise<R>)[]): Promise<R[]> {
  const results: R[] = [];
  for (const run of runs) results.push(await run(tx));
  return results;
}

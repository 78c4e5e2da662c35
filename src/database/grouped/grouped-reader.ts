import type { CompiledTable } from '../../pipeline/route.ts';
import type {
  Claim,
  ClaimKey,
  ClaimScope,
  Identity,
  IdentityKey,
  ProcessedEvent,
  StoredRow,
} from '../contract.ts';
import type { BulkReader, ByTarget, TombstoneOf } from './bulk.ts';
import { fulfilled } from './queue.ts';
import type { Queue } from './queue.ts';

/** Claims asked for by one kind of key. */
export const claimKind = ({ pipeline, entity }: ClaimScope, key: ClaimKey): string =>
  `claim ${pipeline} ${entity} ${Object.keys(key)[0]}`;

/** Reads that many tasks make at a time, each kind as one statement. */
export class GroupedReader {
  readonly #queue: Queue;
  readonly #read: <T>(work: (reader: BulkReader) => Promise<T>) => Promise<T>;

  constructor(queue: Queue, read: <T>(work: (reader: BulkReader) => Promise<T>) => Promise<T>) {
    this.#queue = queue;
    this.#read = read;
  }

  findIdentity(key: IdentityKey): Promise<Identity | null> {
    const { pipeline, entity, sourceSide, targetSide } = key;
    return this.#ask(`identity ${pipeline} ${entity} ${sourceSide} ${targetSide}`, key, (reader, keys) =>
      reader.findIdentities(keys),
    );
  }

  findIdentityByTarget(of: ByTarget): Promise<Identity | null> {
    const { pipeline, entity, sourceSide, targetSide } = of;
    return this.#ask(`by target ${pipeline} ${entity} ${sourceSide} ${targetSide}`, of, (reader, all) =>
      reader.findIdentitiesByTarget(all),
    );
  }

  findClaim(of: ClaimScope, key: ClaimKey): Promise<Claim | null> {
    return this.#ask(claimKind(of, key), key, (reader, keys) => reader.findClaims(of, keys));
  }

  findProcessed(eventId: string): Promise<ProcessedEvent | null> {
    return this.#ask('processed', eventId, (reader, ids) => reader.findProcessed(ids));
  }

  findLocalTombstone(of: TombstoneOf): Promise<bigint | null> {
    const { pipeline, entity, side } = of;
    return this.#ask(`tombstone ${pipeline} ${entity} ${side}`, of, (reader, all) =>
      reader.findLocalTombstones(all),
    );
  }

  findRow(table: CompiledTable, key: string): Promise<StoredRow | null> {
    return this.#ask(`row ${table.schema}.${table.name}`, key, (reader, keys) =>
      reader.findRows(table, keys),
    );
  }

  #ask<A, R>(
    kind: string,
    argument: A,
    read: (reader: BulkReader, args: readonly A[]) => Promise<readonly R[]>,
  ): Promise<R> {
    return this.#queue.call(`read ${kind}`, 0, argument, async (args: readonly A[]) =>
      fulfilled(await this.#read((reader) => read(reader, args))),
    );
  }
}

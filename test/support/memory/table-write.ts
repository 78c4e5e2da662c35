import { SyncError } from '../../../src/errors/sync-error.ts';
import type { Owner } from './locks.ts';
import type { ForeignKey, MemoryRow, Store } from './store.ts';

const refused = (constraint: string, says: string) =>
  new SyncError('constraint', `${says}: constraint ${constraint}`, { constraint });

/** Row writes of one transaction, with what a table refuses. */
export class TableWrites {
  readonly #store: Store;
  readonly #owner: Owner;

  constructor(store: Store, owner: Owner) {
    this.#store = store;
    this.#owner = owner;
  }

  async insert(table: string, key: string, row: MemoryRow): Promise<void> {
    if (await this.#store.table(table).lock(this.#owner, key))
      throw refused(`${table}_pkey`, 'another row holds the key');
    await this.#admit(table, key, row);
    await this.#store.table(table).write(this.#owner, key, row);
  }

  /** The row must be there. */
  async update(table: string, key: string, row: MemoryRow): Promise<void> {
    await this.#store.table(table).lock(this.#owner, key);
    await this.#admit(table, key, row);
    await this.#store.table(table).write(this.#owner, key, row);
  }

  /** Throws `waiting_for_row` while another row refers to it. Rows that go with it are deleted first, and returned. */
  async delete(table: string, key: string): Promise<{ table: string; key: string; row: MemoryRow }[]> {
    const relation = this.#store.table(table);
    const row = await relation.lock(this.#owner, key);
    if (!row) return [];
    const gone = [];
    for (const child of this.children(table, key)) {
      if (child.onDelete === 'restrict')
        throw new SyncError('waiting_for_row', `another row still refers to this one: ${child.constraint}`, {
          constraint: child.constraint,
        });
      gone.push(...(await this.delete(child.childTable, child.key)));
    }
    await relation.write(this.#owner, key, null);
    return [...gone, { table, key, row }];
  }

  /** Every row that refers to this one. */
  children(table: string, key: string): (ForeignKey & { childTable: string; key: string })[] {
    return Object.entries(this.#store.rules).flatMap(([childTable, { foreignKeys = [] }]) =>
      foreignKeys
        .filter((foreign) => foreign.table === table)
        .flatMap((foreign) =>
          this.#store
            .table(childTable)
            .visible(this.#owner)
            .filter(([, { values }]) => values[foreign.column] === key)
            .map(([childKey]) => ({ ...foreign, childTable, key: childKey })),
        ),
    );
  }

  async #admit(table: string, key: string, row: MemoryRow): Promise<void> {
    const { unique = [], foreignKeys = [] } = this.#store.rules[table] ?? {};
    for (const { constraint, columns } of unique) {
      if (columns.some((column) => (row.values[column] ?? null) === null)) continue;
      const same = (other: MemoryRow) => columns.every((c) => other.values[c] === row.values[c]);
      if ((await this.#store.table(table).rival(this.#owner, key, same)) !== null)
        throw refused(constraint, 'another row holds the same unique value');
    }
    for (const { constraint, column, table: parents } of foreignKeys) {
      const parent = row.values[column] ?? null;
      if (parent !== null && !(await this.#store.table(parents).share(this.#owner, String(parent))))
        throw refused(constraint, 'the row it refers to does not exist');
    }
  }
}

import type { PlainRow } from '../../src/database/plain-connection.ts';
import { Idle } from './idle.ts';
import type { Write } from './journal.ts';
import type { Mode } from './mode.ts';
import type { Entity, Side } from './words.ts';
import { words } from './words.ts';

type Query = (statement: string, values?: readonly unknown[]) => Promise<PlainRow[]>;
type Values = Readonly<Record<string, unknown>>;

/** A row as an app sees it. */
interface Seen {
  /** Row clock; where tables keep none, of the moment it was looked at. */
  clock: bigint;
  text: string | null;
}

/** Counts up, by two: a delete lies between. Of two versions of a row the later has the greater, since its writer held the row's lock. */
let moment = 0n;

const seen = ({ clock, text }: PlainRow): Seen => ({
  clock: clock === null ? (moment += 2n) : BigInt(clock as string | number),
  text: text as string | null,
});

const children: Readonly<Record<Entity, readonly (readonly [Entity, string])[]>> = {
  users: [
    ['likes', 'author'],
    ['posts', 'author'],
  ],
  posts: [['likes', 'article']],
  likes: [],
};

interface Descendant {
  entity: Entity;
  key: string;
  before: Seen;
}

/** What an app does to rows in one transaction; notes each version it makes. */
export class Hand {
  readonly side: Side;
  readonly writes: Write[] = [];
  readonly query: Query;
  readonly #clocked: boolean;

  constructor(side: Side, query: Query, { clocked }: Mode) {
    this.side = side;
    this.query = query;
    this.#clocked = clocked;
  }

  /** Keys of the rows whose name (or title) begins so, in order. */
  async keys(entity: Entity, prefix: string): Promise<string[]> {
    return [...(await this.named(entity, prefix)).values()];
  }

  /** Name to key of the rows whose name begins so. */
  async named(entity: Entity, prefix: string): Promise<Map<string, string>> {
    const { table, columns } = words[this.side][entity];
    const rows = await this.query(
      `SELECT id, ${columns['name']} AS name FROM ${table} WHERE ${columns['name']} LIKE ${this.#place(1)} ORDER BY id`,
      [`${prefix.replaceAll('_', String.raw`\_`)}%`],
    );
    return new Map(rows.map(({ id, name }) => [String(name), String(id)]));
  }

  /** Inserts, under a generated key unless one is given. */
  async insert(entity: Entity, values: Values, key?: string): Promise<string> {
    const { table } = words[this.side][entity];
    const named = key === undefined ? values : { id: key, ...values };
    const columns = Object.keys(named).map((name) => this.#column(entity, name));
    const places = columns.map((_, index) => this.#place(index + 1));
    const { returning, lastKey } = words[this.side];
    const inserted = await this.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})${returning}`,
      Object.values(named),
    );
    const made = lastKey === null || key !== undefined ? inserted : await this.query(lastKey);
    const own = key ?? String(made[0]!['id']);
    await this.#note(entity, own, 'insert', null);
    return own;
  }

  /** Changes columns of a row; idle where there is none. */
  async update(entity: Entity, key: string, values: Values): Promise<void> {
    const before = await this.#look(entity, key, true);
    await this.#set(entity, key, values);
    await this.#note(entity, key, 'update', before);
  }

  /** Changes a column that the other side does not have: no new version, but where no row clock tells so. */
  async touch(key: string): Promise<void> {
    const before = await this.#look('users', key, true);
    await this.#set('users', key, { seen: new Date().toISOString().replace('T', ' ').replace('Z', '') });
    if (!this.#clocked) await this.#note('users', key, 'update', before);
  }

  async rekey(entity: Entity, key: string, newKey: string): Promise<void> {
    const before = await this.#look(entity, key, true);
    const { table } = words[this.side][entity];
    await this.query(`UPDATE ${table} SET id = ${this.#place(1)} WHERE id = ${this.#place(2)}`, [
      newKey,
      key,
    ]);
    await this.#note(entity, newKey, 'update', before, key);
  }

  /** MySQL's REPLACE: deletes the row with this key and inserts another under it. */
  async replace(entity: Entity, key: string, values: Values): Promise<void> {
    const before = await this.#look(entity, key, true);
    const { table } = words[this.side][entity];
    const columns = Object.keys(values).map((name) => this.#column(entity, name));
    await this.query(
      `REPLACE INTO ${table} (id, ${columns.join(', ')}) VALUES (?, ${columns.map(() => '?').join(', ')})`,
      [key, ...Object.values(values)],
    );
    await this.#note(entity, key, 'insert', before);
  }

  /** Deletes a row, which takes its children with it; idle where there is none. */
  async remove(entity: Entity, key: string): Promise<void> {
    const before = await this.#look(entity, key, true);
    const gone = await this.#descendants(entity, key);
    const { table } = words[this.side][entity];
    await this.query(`DELETE FROM ${table} WHERE id = ${this.#place(1)}`, [key]);
    for (const child of [...gone, { entity, key, before }])
      this.writes.push({
        side: this.side,
        entity: child.entity,
        key: child.key,
        kind: 'delete',
        clock: child.before.clock + 1n,
        base: child.before.clock,
        text: null,
        was: child.before.text,
      });
  }

  /** The row is locked, so none comes to these any more. */
  async #descendants(entity: Entity, key: string): Promise<Descendant[]> {
    const found = new Map<string, Descendant>();
    for (const [child, column] of children[entity]) {
      const rows = await this.query(
        `SELECT id, ${this.#seenColumns(child)} FROM ${words[this.side][child].table}
         WHERE ${this.#column(child, column)} = ${this.#place(1)} ORDER BY id FOR UPDATE`,
        [key],
      );
      for (const row of rows) {
        const own = String(row['id']);
        for (const below of await this.#descendants(child, own))
          found.set(`${below.entity} ${below.key}`, below);
        found.set(`${child} ${own}`, { entity: child, key: own, before: seen(row) });
      }
    }
    return [...found.values()];
  }

  async #set(entity: Entity, key: string, values: Values): Promise<void> {
    const names = Object.keys(values);
    const sets = names.map((name, index) => `${this.#column(entity, name)} = ${this.#place(index + 1)}`);
    await this.query(
      `UPDATE ${words[this.side][entity].table} SET ${sets.join(', ')} WHERE id = ${this.#place(names.length + 1)}`,
      [...Object.values(values), key],
    );
  }

  async #note(
    entity: Entity,
    key: string,
    kind: 'insert' | 'update',
    before: Seen | null,
    oldKey?: string,
  ): Promise<void> {
    this.writes.push({
      side: this.side,
      entity,
      key,
      kind,
      ...(await this.#look(entity, key, false)),
      base: before?.clock ?? null,
      was: before?.text ?? null,
      ...(oldKey !== undefined && { oldKey }),
    });
  }

  async #look(entity: Entity, key: string, lock: boolean): Promise<Seen> {
    const [row] = await this.query(
      `SELECT ${this.#seenColumns(entity)} FROM ${words[this.side][entity].table} WHERE id = ${this.#place(1)}${lock ? ' FOR UPDATE' : ''}`,
      [key],
    );
    if (!row) throw new Idle();
    return seen(row);
  }

  #seenColumns(entity: Entity): string {
    const { text } = words[this.side][entity].columns;
    return `${this.#clocked ? 'sync_clock' : 'NULL'} AS clock, ${text ?? 'NULL'} AS text`;
  }

  #place(n: number): string {
    return words[this.side].place(n);
  }

  #column(entity: Entity, name: string): string {
    return name === 'id' ? name : words[this.side][entity].columns[name]!;
  }
}

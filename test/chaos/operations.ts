import type { Hand } from './hand.ts';
import { Idle } from './idle.ts';
import type { Random } from './random.ts';
import { words } from './words.ts';
import type { Entity } from './words.ts';

/** What every operation gets. */
export interface Turn {
  hand: Hand;
  random: Random;
  /** What every name and title of this run begins with. */
  mark: string;
  /** Keys of rows this side's app deleted, to be used again. */
  deleted: string[];
}

export interface Operation {
  name: string;
  weight: number;
  run(turn: Turn): Promise<void>;
}

/**
 * Rows by what may happen to them. A side register wins per row, so what two sides do to several rows at once cannot be
 * kept whole: rows that hang together (a parent that is deleted, names that are swapped) are written by one side only.
 *   lone   users without children: both sides do anything to them
 *   moved  users without children, of one side: their key changes too
 *   named  users without children, of one side: their names wander among them
 *   host   users that are never deleted: both sides edit them and let posts and likes hang on them
 *   page   posts of hosts, never deleted: both sides edit them, and like those of their own
 *   note   posts of hosts without likes: both sides edit and delete them
 *   family users with posts and likes, of one side, deleted with all of them
 */
export const population = { lone: 40, moved: 8, host: 8, page: 20, note: 40, family: 12 };

export const prefix = {
  lone: ({ mark }: Turn) => `${mark}lone_`,
  moved: ({ mark, hand }: Turn) => `${mark}moved_${hand.side}_`,
  named: ({ mark, hand }: Turn) => `${mark}named_${hand.side}_`,
  host: ({ mark }: Turn) => `${mark}host_`,
  page: ({ mark }: Turn) => `${mark}page_`,
  ownPage: ({ mark, hand }: Turn) => `${mark}page_${hand.side}_`,
  note: ({ mark }: Turn) => `${mark}note_`,
  family: ({ mark, hand }: Turn) => `${mark}family_${hand.side}_`,
};

const userValues = (name: string, text: string) => ({ name, email: `${name}@x.example`, text });

export const some = async (turn: Turn, entity: Entity, named: string): Promise<string> => {
  const key = turn.random.pick(await turn.hand.keys(entity, named));
  if (key === undefined) throw new Idle();
  return key;
};

export const below = async ({ hand }: Turn, entity: Entity, named: string, limit: number): Promise<void> => {
  if ((await hand.keys(entity, named)).length >= limit) throw new Idle();
};

export const update = async (turn: Turn, entity: 'users' | 'posts', named: string): Promise<void> =>
  turn.hand.update(entity, await some(turn, entity, named), { text: turn.random.token() });

/** A post of a host, by this side. */
async function post(turn: Turn, named: string): Promise<string> {
  const author = await some(turn, 'users', prefix.host(turn));
  const name = `${named}${turn.random.token()}`;
  return turn.hand.insert('posts', { author, name, text: turn.random.token() });
}

export async function insertUser(turn: Turn, named: string, key?: string): Promise<string> {
  const values = userValues(`${named}${turn.random.token()}`, turn.random.token());
  return turn.hand.insert('users', values, key);
}

async function family(turn: Turn): Promise<void> {
  await below(turn, 'users', prefix.family(turn), population.family);
  const author = await insertUser(turn, prefix.family(turn));
  for (let n = 0; n < 2; n++) {
    const values = {
      author,
      name: `${prefix.family(turn)}${turn.random.token()}`,
      text: turn.random.token(),
    };
    await turn.hand.insert('likes', { author, article: await turn.hand.insert('posts', values) });
  }
}

/** A host that does not like the page yet. */
async function like(turn: Turn): Promise<void> {
  const { hand } = turn;
  const article = await some(turn, 'posts', prefix.ownPage(turn));
  const author = await some(turn, 'users', prefix.host(turn));
  if ((await likesOf(turn, article)).some((each) => each.author === author)) throw new Idle();
  await hand.insert('likes', { author, article });
}

async function likesOf({ hand }: Turn, article: string) {
  const { table, columns } = words[hand.side].likes;
  const rows = await hand.query(
    `SELECT id, ${columns['author']} AS author FROM ${table} WHERE ${columns['article']} = ${words[hand.side].place(1)} ORDER BY id`,
    [article],
  );
  return rows.map(({ id, author }) => ({ id: String(id), author: String(author) }));
}

export async function someLike(turn: Turn) {
  const article = await some(turn, 'posts', prefix.ownPage(turn));
  const found = turn.random.pick(await likesOf(turn, article));
  if (!found) throw new Idle();
  return { article, ...found };
}

/** What an app does on its side alone. */
export const operations: readonly Operation[] = [
  {
    name: 'insert',
    weight: 8,
    async run(turn) {
      await below(turn, 'users', prefix.lone(turn), population.lone);
      await insertUser(turn, prefix.lone(turn));
    },
  },
  { name: 'update', weight: 14, run: (turn) => update(turn, 'users', prefix.lone(turn)) },
  {
    name: 'delete',
    weight: 4,
    async run(turn) {
      const key = await some(turn, 'users', prefix.lone(turn));
      await turn.hand.remove('users', key);
      turn.deleted.push(key);
    },
  },
  {
    name: 'insert under a deleted key',
    weight: 3,
    async run(turn) {
      const key = turn.deleted.splice(turn.random.below(turn.deleted.length), 1)[0];
      if (key === undefined) throw new Idle();
      await insertUser(turn, prefix.lone(turn), key);
    },
  },
  {
    name: 'delete and insert under one key',
    weight: 3,
    async run(turn) {
      const key = await some(turn, 'users', prefix.lone(turn));
      await turn.hand.remove('users', key);
      await insertUser(turn, prefix.lone(turn), key);
    },
  },
  {
    name: 'REPLACE',
    weight: 3,
    async run(turn) {
      if (turn.hand.side === 'legacy') throw new Idle();
      const key = await some(turn, 'users', prefix.lone(turn));
      const name = `${prefix.lone(turn)}${turn.random.token()}`;
      await turn.hand.replace('users', key, userValues(name, turn.random.token()));
    },
  },
  {
    name: 'update of an unmapped column',
    weight: 2,
    run: async (turn) => turn.hand.touch(await some(turn, 'users', prefix.lone(turn))),
  },
  {
    name: 'transaction of several rows',
    weight: 4,
    async run(turn) {
      const keys = await turn.hand.keys('users', prefix.lone(turn));
      const from = turn.random.below(keys.length);
      for (const key of keys.slice(from, from + 4))
        await turn.hand.update('users', key, { text: turn.random.token() });
      if (keys.length === 0) throw new Idle();
    },
  },
  {
    name: 'insert of a parent',
    weight: 2,
    async run(turn) {
      await below(turn, 'users', prefix.host(turn), population.host);
      await insertUser(turn, prefix.host(turn));
    },
  },
  { name: 'update of a parent', weight: 5, run: (turn) => update(turn, 'users', prefix.host(turn)) },
  {
    name: 'insert of a child',
    weight: 8,
    async run(turn) {
      const pages = (await turn.hand.keys('posts', prefix.page(turn))).length < population.page;
      if (!pages) await below(turn, 'posts', prefix.note(turn), population.note);
      await post(turn, pages ? prefix.ownPage(turn) : prefix.note(turn));
    },
  },
  {
    name: 'update of a child',
    weight: 10,
    run: (turn) => update(turn, 'posts', turn.random.next() < 0.5 ? prefix.page(turn) : prefix.note(turn)),
  },
  {
    name: 'delete of a child',
    weight: 3,
    run: async (turn) => turn.hand.remove('posts', await some(turn, 'posts', prefix.note(turn))),
  },
  { name: 'parent with children in one transaction', weight: 4, run: family },
  { name: 'update within a family', weight: 4, run: (turn) => update(turn, 'posts', prefix.family(turn)) },
  {
    name: 'delete of a parent with children',
    weight: 3,
    run: async (turn) => turn.hand.remove('users', await some(turn, 'users', prefix.family(turn))),
  },
  {
    name: 'delete of a child with children',
    weight: 2,
    run: async (turn) => turn.hand.remove('posts', await some(turn, 'posts', prefix.family(turn))),
  },
  { name: 'like', weight: 6, run: like },
  { name: 'unlike', weight: 3, run: async (turn) => turn.hand.remove('likes', (await someLike(turn)).id) },
];

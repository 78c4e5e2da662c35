import { setTimeout as delay } from 'node:timers/promises';
import type { Blog } from './blog-system.ts';

const words = {
  legacy: {
    place: (n: number) => `$${n}`,
    users: { table: 'legacy_users', name: 'username', email: 'email', text: 'full_name' },
    posts: { table: 'legacy_posts', author: 'user_id', title: 'post_title', text: 'post_content' },
    likes: { table: 'legacy_likes', liker: 'user_id', article: 'post_id' },
  },
  revamp: {
    place: () => '?',
    users: { table: 'revamp_users', name: 'user_name', email: 'email_address', text: 'display_name' },
    posts: { table: 'revamp_posts', author: 'author_id', title: 'title', text: 'content' },
    likes: { table: 'revamp_likes', liker: 'liker_id', article: 'article_id' },
  },
} as const;

export type WriterSide = keyof typeof words;

/** Between two writes: what the whole chain keeps up with on a small machine. */
const meanPauseMs = 100;

/** What one writer did. */
export interface WriterReport {
  writes: number;
  /** Refused by the database, as an app would see it: a row that had gone meanwhile, an outage. */
  refused: number;
}

/** A seeded generator of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Writes as one side's app until the signal aborts: rows of its own and rows that came from the other side alike. */
export async function writeAtRandom(
  blog: Blog,
  side: WriterSide,
  mark: string,
  random: () => number,
  signal: AbortSignal,
): Promise<WriterReport> {
  const report: WriterReport = { writes: 0, refused: 0 };
  while (!signal.aborted)
    try {
      await writeOnce(blog, side, mark, random);
      report.writes++;
    } catch {
      report.refused++;
    } finally {
      await delay(random() * 2 * meanPauseMs);
    }
  return report;
}

async function writeOnce(blog: Blog, side: WriterSide, mark: string, random: () => number): Promise<void> {
  const { place, users, posts, likes } = words[side];
  const pick = random();
  const fresh = `${mark}${side}_${Math.floor(random() * 1e9).toString(36)}`;
  const some = async (table: string, column: string, prefix = mark) => {
    const rows = await blog.app(
      side,
      `SELECT id FROM ${table} WHERE ${column} LIKE ${place(1)} ORDER BY id`,
      [`${prefix}%`],
    );
    return rows[Math.floor(random() * rows.length)]?.['id'];
  };
  if (pick < 0.25)
    return void (await blog.app(
      side,
      `INSERT INTO ${users.table} (${users.name}, ${users.email}) VALUES (${place(1)}, ${place(2)})`,
      [fresh, `${fresh}@example.com`],
    ));
  const user = await some(users.table, users.name);
  if (user === undefined) return;
  if (pick < 0.55)
    await blog.app(side, `UPDATE ${users.table} SET ${users.text} = ${place(1)} WHERE id = ${place(2)}`, [
      fresh,
      user,
    ]);
  else if (pick < 0.75)
    await blog.app(
      side,
      `INSERT INTO ${posts.table} (${posts.author}, ${posts.title}, ${posts.text}) VALUES (${place(1)}, ${place(2)}, ${place(3)})`,
      [user, fresh, '…'],
    );
  else {
    // A pair is liked on one side only: the same unique pair made on both is a conflict of its own.
    const post = await some(posts.table, posts.title, pick < 0.85 ? mark : `${mark}${side}_`);
    if (post === undefined) return;
    if (pick < 0.85)
      await blog.app(side, `UPDATE ${posts.table} SET ${posts.text} = ${place(1)} WHERE id = ${place(2)}`, [
        fresh,
        post,
      ]);
    else if (pick < 0.95)
      await blog.app(
        side,
        `INSERT INTO ${likes.table} (${likes.liker}, ${likes.article}) VALUES (${place(1)}, ${place(2)})`,
        [user, post],
      );
    else await blog.app(side, `DELETE FROM ${likes.table} WHERE ${likes.article} = ${place(1)}`, [post]);
  }
}

import { expect, test } from '@jest/globals';
import { runBlog } from '../support/blog-system.ts';

const sides = {
  legacy: {
    other: 'revamp',
    insert: 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)',
    post: 'INSERT INTO legacy_posts (user_id, post_title) SELECT id, username FROM legacy_users WHERE username = $1',
    find: 'SELECT id FROM legacy_users WHERE username = $1',
    author: 'SELECT user_id AS id, post_content AS text FROM legacy_posts WHERE post_title = $1',
    write: 'UPDATE legacy_posts SET post_content = $1 WHERE post_title = $2',
    rename: 'UPDATE legacy_users SET full_name = $1 WHERE username = $2',
    move: 'UPDATE legacy_users SET id = id + 1000000000 WHERE username = $1',
    to: 'UPDATE legacy_users SET id = $1 WHERE username = $2',
    seen: 'SELECT id, full_name AS name FROM legacy_users WHERE username = $1',
    drop: 'ALTER TABLE legacy_posts DROP CONSTRAINT legacy_posts_user_id_fkey',
    add: `ALTER TABLE legacy_posts ADD CONSTRAINT legacy_posts_user_id_fkey
      FOREIGN KEY (user_id) REFERENCES legacy_users (id) ON DELETE CASCADE`,
  },
  revamp: {
    other: 'legacy',
    insert: 'INSERT INTO revamp_users (user_name, email_address) VALUES (?, ?)',
    post: 'INSERT INTO revamp_posts (author_id, title) SELECT id, user_name FROM revamp_users WHERE user_name = ?',
    find: 'SELECT id FROM revamp_users WHERE user_name = ?',
    author: 'SELECT author_id AS id, content AS text FROM revamp_posts WHERE title = ?',
    write: 'UPDATE revamp_posts SET content = ? WHERE title = ?',
    rename: 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?',
    move: 'UPDATE revamp_users SET id = id + 1000000000 WHERE user_name = ?',
    to: 'UPDATE revamp_users SET id = ? WHERE user_name = ?',
    seen: 'SELECT id, display_name AS name FROM revamp_users WHERE user_name = ?',
    drop: 'ALTER TABLE revamp_posts DROP FOREIGN KEY revamp_posts_author_id_fkey',
    add: `ALTER TABLE revamp_posts ADD CONSTRAINT revamp_posts_author_id_fkey
      FOREIGN KEY (author_id) REFERENCES revamp_users (id) ON DELETE CASCADE`,
  },
} as const;

test.each(['legacy', 'revamp'] as const)(
  'a primary key changed in %s keeps the pair and its children: no second row, and edits go both ways',
  async (side) => {
    await using blog = await runBlog();
    const here = sides[side];
    const there = sides[here.other];
    const name = `rekey_${side}_${blog.run}`;
    await blog.app(side, here.insert, [name, `${name}@example.com`]);
    await blog.app(side, here.post, [name]);
    const { id } = await blog.see(here.other, there.find, [name]);
    await blog.see(here.other, there.author, [name]);

    // An app may change a key that others refer to only where the foreign key goes along.
    await blog.admin(side, here.drop);
    await blog.admin(side, `${here.add} ON UPDATE CASCADE`);
    try {
      await blog.app(side, here.move, [name]);
    } finally {
      await blog.admin(side, here.drop);
      await blog.admin(side, here.add);
    }
    await blog.app(side, here.rename, ['after the move', name]);
    const kept = await blog.see(here.other, there.seen, [name], (row) => row?.['name'] === 'after the move');
    expect(kept['id']).toBe(id);
    expect(await blog.admin(here.other, there.author, [name])).toMatchObject([{ id }]);

    await blog.app(here.other, there.rename, ['from the other side', name]);
    const moved = await blog.see(side, here.seen, [name], (row) => row?.['name'] === 'from the other side');
    await blog.app(here.other, there.write, ['written there', name]);
    const child = await blog.see(side, here.author, [name], (row) => row?.['text'] === 'written there');
    expect(child['id']).toEqual(moved['id']);
  },
);

test.each(['legacy', 'revamp'] as const)(
  'primary keys swapped in %s: each row keeps its own content, and edits of the other side reach the right one',
  async (side) => {
    await using blog = await runBlog();
    const here = sides[side];
    const there = sides[here.other];
    const names = ['a', 'b'].map((which) => `swap_${which}_${side}_${blog.run}`) as [string, string];
    for (const name of names) {
      await blog.app(side, here.insert, [name, `${name}@example.com`]);
      await blog.see(here.other, there.find, [name]);
    }
    const ids = await Promise.all(names.map(async (name) => (await blog.see(side, here.find, [name]))['id']));
    await blog.app(side, here.move, [names[0]]);
    await blog.app(side, here.to, [ids[0], names[1]]);
    await blog.app(side, here.to, [ids[1], names[0]]);
    for (const name of names) {
      await blog.app(side, here.rename, [`${name} after`, name]);
      await blog.see(here.other, there.seen, [name], (row) => row?.['name'] === `${name} after`);
    }
    for (const [index, name] of names.entries()) {
      await blog.app(here.other, there.rename, [`${name} back`, name]);
      const row = await blog.see(side, here.seen, [name], (seen) => seen?.['name'] === `${name} back`);
      expect(row['id']).toEqual(ids[1 - index]);
    }
  },
);

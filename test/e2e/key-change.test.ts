import { expect, test } from '@jest/globals';
import { runBlog } from '../support/blog-system.ts';

const sides = {
  legacy: {
    other: 'revamp',
    insert: 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)',
    find: 'SELECT id FROM legacy_users WHERE username = $1',
    rename: 'UPDATE legacy_users SET full_name = $1 WHERE username = $2',
    move: 'UPDATE legacy_users SET id = id + 1000000000 WHERE username = $1',
    seen: 'SELECT id, full_name AS name FROM legacy_users WHERE username = $1',
  },
  revamp: {
    other: 'legacy',
    insert: 'INSERT INTO revamp_users (user_name, email_address) VALUES (?, ?)',
    find: 'SELECT id FROM revamp_users WHERE user_name = ?',
    rename: 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?',
    move: 'UPDATE revamp_users SET id = id + 1000000000 WHERE user_name = ?',
    seen: 'SELECT id, display_name AS name FROM revamp_users WHERE user_name = ?',
  },
} as const;

test.each(['legacy', 'revamp'] as const)(
  'a primary key changed in %s keeps the pair: no second row, and edits go both ways',
  async (side) => {
    await using blog = await runBlog();
    const here = sides[side];
    const there = sides[here.other];
    const name = `rekey_${side}_${blog.run}`;
    await blog.app(side, here.insert, [name, `${name}@example.com`]);
    const { id } = await blog.see(here.other, there.find, [name]);

    await blog.app(side, here.move, [name]);
    await blog.app(side, here.rename, ['after the move', name]);
    const kept = await blog.see(here.other, there.seen, [name], (row) => row?.['name'] === 'after the move');
    expect(kept['id']).toBe(id);

    await blog.app(here.other, there.rename, ['from the other side', name]);
    await blog.see(side, here.seen, [name], (row) => row?.['name'] === 'from the other side');
  },
);

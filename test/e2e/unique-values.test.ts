import { beforeAll, expect, test } from '@jest/globals';
import { runBlog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { eventually } from '../support/eventually.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

const sides = ['legacy', 'revamp'] as const;
const users = {
  legacy: {
    insert: 'INSERT INTO legacy_users (username, email, full_name) VALUES ($1, $2, $3)',
    all: 'SELECT id, full_name AS name, email FROM legacy_users WHERE username = $1',
    post: 'INSERT INTO legacy_posts (user_id, post_title) SELECT id, username FROM legacy_users WHERE username = $1',
    like: 'INSERT INTO legacy_likes (user_id, post_id) SELECT user_id, id FROM legacy_posts WHERE post_title = $1',
    likes:
      'SELECT l.id FROM legacy_posts p LEFT JOIN legacy_likes l ON l.post_id = p.id WHERE post_title = $1',
  },
  revamp: {
    insert: 'INSERT INTO revamp_users (user_name, email_address, display_name) VALUES (?, ?, ?)',
    all: 'SELECT id, display_name AS name, email_address AS email FROM revamp_users WHERE user_name = ?',
    post: '',
    like: 'INSERT INTO revamp_likes (liker_id, article_id) SELECT author_id, id FROM revamp_posts WHERE title = ?',
    likes: 'SELECT l.id FROM revamp_posts p LEFT JOIN revamp_likes l ON l.article_id = p.id WHERE title = ?',
  },
} as const;

test('a user and a like made on both sides at once are one user and one like', async () => {
  await using blog = await runBlog();
  const name = `both_${blog.run}`;
  const onBoth = (statement: (side: (typeof sides)[number]) => [string, unknown[]]) =>
    Promise.all(sides.map((side) => blog.app(side, ...statement(side))));

  await onBoth((side) => [users[side].insert, [name, `${name}@example.com`, `from ${side}`]]);
  await blog.app('legacy', "UPDATE legacy_users SET full_name = 'one person' WHERE username = $1", [name]);
  for (const side of sides)
    await blog.see(side, users[side].all, [name], (row) => row?.['name'] === 'one person');

  await blog.app('legacy', users.legacy.post, [name]);
  await blog.see('revamp', 'SELECT id FROM revamp_posts WHERE title = ?', [name]);
  await onBoth((side) => [users[side].like, [name]]);
  const like = await blog.see('legacy', users.legacy.likes, [name]);
  const claim = `SELECT other_key FROM tandem.identity_claims
    WHERE pipeline = 'blog' AND entity_type = 'likes' AND fixed_key = $1 AND other_key IS NOT NULL`;
  const paired = await blog.see('legacy', claim, [String(like['id'])]);
  for (const side of sides) {
    const [row, ...others] = await blog.admin(side, users[side].likes, [name]);
    expect(String(row!['id'])).toBe(String(side === 'legacy' ? like['id'] : paired['other_key']));
    expect(others).toEqual([]);
    expect(await blog.admin(side, users[side].all, [name])).toHaveLength(1);
  }

  // A delete of the version that lost would itself lose.
  await eventually('both to hold one version', async () => {
    const [there] = await blog.admin('legacy', 'SELECT sync_clock FROM legacy_likes WHERE id = $1', [
      like['id'],
    ]);
    const [here] = await blog.admin('revamp', 'SELECT sync_clock FROM revamp_likes WHERE id = ?', [
      paired['other_key'],
    ]);
    return String(there?.['sync_clock']) === String(here?.['sync_clock']);
  });
  await blog.app('revamp', 'DELETE FROM revamp_likes WHERE id = ?', [paired['other_key']]);
  await blog.see('legacy', users.legacy.likes, [name], (row) => row?.['id'] === null);
});

test('two users of one name and two addresses are named in their dead letters, and linked by an operator', async () => {
  await using blog = await runBlog();
  const name = `clash_${blog.run}`;
  for (const side of sides)
    await blog.app(side, users[side].insert, [name, `${name}@${side}.example.com`, `from ${side}`]);
  const run = async (...words: string[]) => {
    const { stdout, stderr, code } = await tandem(words, { ...testAddresses() });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    return stdout;
  };
  const dead = await eventually('two dead letters', async () => {
    const listed = JSON.parse(
      await run('dlq', 'list', '--json', '--entity', 'users', '--class', 'constraint'),
    ) as { event_id: string }[];
    return listed.length === 2 && listed.map(({ event_id }) => event_id);
  });
  const shown = await run('dlq', 'show', dead[0]!);
  const command = /`tandem (link blog users \S+ \S+)`/.exec(shown)![1]!.split(' ');
  expect(await run(...command)).toContain('are one row from now on');
  await run('dlq', 'retry', ...dead);
  // The later one stands.
  const accepted = (row: Record<string, unknown> | undefined) =>
    row?.['email'] === `${name}@revamp.example.com`;
  for (const side of sides) {
    await blog.see(side, users[side].all, [name], accepted);
    expect(await blog.admin(side, users[side].all, [name])).toHaveLength(1);
  }
  await eventually('no dead letter', async () => !(await run('dlq', 'list', '--json')).includes(dead[1]!));
});

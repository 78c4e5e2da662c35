import { expect, test } from '@jest/globals';
import blogDefinition from '../../pipelines/blog/pipeline.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { runBlog } from '../support/blog-system.ts';

const { entities } = blogDefinition;
/** Posts as tables that have neither triggers nor columns of Tandem's: their triggers may fire, nobody asks them. */
const unclocked = compilePipeline({
  ...blogDefinition,
  entities: { ...entities, posts: { ...entities['posts']!, clock: null, conflicts: 'side:legacy' } },
});

const find = {
  legacy: 'SELECT id, post_content AS text FROM legacy_posts WHERE post_title = $1',
  revamp: 'SELECT id, content AS text FROM revamp_posts WHERE title = ?',
} as const;
const edit = {
  legacy: 'UPDATE legacy_posts SET post_content = $1 WHERE post_title = $2',
  revamp: 'UPDATE revamp_posts SET content = ? WHERE title = ?',
} as const;
const sides = ['legacy', 'revamp'] as const;

test('without row clocks edits flow both ways, the named side wins those that meet, and nothing loops', async () => {
  await using blog = await runBlog({}, unclocked);
  const name = `plain_${blog.run}`;
  const agree = async (text: string) => {
    for (const side of sides) await blog.see(side, find[side], [name], (row) => row?.['text'] === text);
  };
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
    name,
    `${name}@example.com`,
  ]);
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
  const before = await blog.records();
  await blog.app(
    'revamp',
    "INSERT INTO revamp_posts (author_id, title, content) SELECT id, user_name, 'from revamp' FROM revamp_users WHERE user_name = ?",
    [name],
  );
  await agree('from revamp');
  await blog.app('legacy', edit.legacy, ['from legacy', name]);
  await agree('from legacy');
  await blog.app('revamp', edit.revamp, ['and back', name]);
  await agree('and back');

  await blog.whileStopped(async () => {
    for (const side of ['revamp', 'legacy'] as const)
      await blog.app(side, edit[side], [`${side}, at once`, name]);
  });
  await agree('legacy, at once');
  const [lost] = await blog.admin(
    'revamp',
    "SELECT existing_row AS was FROM tandem.conflicts WHERE entity_type = 'posts' ORDER BY id DESC LIMIT 1",
  );
  expect(JSON.stringify(lost!['was'])).toContain('revamp, at once');

  await blog.app('revamp', 'DELETE FROM revamp_posts WHERE title = ?', [name]);
  await blog.see('legacy', find.legacy, [name], (row) => row === undefined);
  expect(await blog.records()).toBe(before + 6n);
});

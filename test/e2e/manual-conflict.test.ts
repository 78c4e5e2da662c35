import { beforeAll, expect, test } from '@jest/globals';
import blogDefinition from '../../pipelines/blog/pipeline.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { runBlog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { eventually } from '../support/eventually.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

const { entities } = blogDefinition;
const byHand = compilePipeline({
  ...blogDefinition,
  entities: { ...entities, posts: { ...entities['posts']!, conflicts: 'manual' } },
});

const content = {
  legacy: 'SELECT post_content AS text FROM legacy_posts WHERE post_title = $1',
  revamp: 'SELECT content AS text FROM revamp_posts WHERE title = ?',
} as const;
const edit = {
  legacy: 'UPDATE legacy_posts SET post_content = $1 WHERE post_title = $2',
  revamp: 'UPDATE revamp_posts SET content = ? WHERE title = ?',
} as const;
const sides = ['legacy', 'revamp'] as const;

const run = async (...words: string[]) => {
  const { stdout, stderr, code } = await tandem(words, { ...testAddresses() });
  return { stdout, stderr, code };
};

test('a row changed on both sides at once waits for an operator, who sees both versions and takes one', async () => {
  await using blog = await runBlog({}, byHand);
  const title = `manual_${blog.run}`;
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
    title,
    `${title}@example.com`,
  ]);
  await blog.app(
    'legacy',
    'INSERT INTO legacy_posts (user_id, post_title) SELECT id, username FROM legacy_users WHERE username = $1',
    [title],
  );
  await blog.see('revamp', content.revamp, [title]);

  await blog.whileStopped(async () => {
    for (const side of sides) await blog.app(side, edit[side], [`from ${side}`, title]);
  });
  const conflict = await eventually('one dead letter of the row pair', async () => {
    const { stdout } = await run('dlq', 'list', '--json', '--signature', 'conflict/posts');
    const [found, ...others] = JSON.parse(stdout) as { event_id: string }[];
    expect(others).toEqual([]);
    return found;
  });
  for (const side of sides)
    await blog.see(side, content[side], [title], (row) => row?.['text'] === `from ${side}`);

  const { stdout: shown } = await run('dlq', 'show', conflict.event_id);
  for (const side of sides) {
    expect(shown).toContain(`from ${side}`);
    expect(shown).toContain(`tandem dlq decide ${conflict.event_id} --take ${side}`);
  }
  for (const wrong of [
    ['retry', conflict.event_id],
    ['decide', conflict.event_id, '--take', 'nowhere'],
  ]) {
    const { stdout, code } = await run('dlq', ...wrong);
    expect(code).toBe(1);
    expect(stdout).toContain(wrong[0] === 'retry' ? 'tandem dlq decide' : 'legacy or revamp');
  }

  const decided = await run('dlq', 'decide', conflict.event_id, '--take', 'revamp');
  expect(decided).toEqual({
    stdout: `${conflict.event_id}  resolved, conflict_applied`,
    stderr: '',
    code: 0,
  });
  for (const side of sides)
    await blog.see(side, content[side], [title], (row) => row?.['text'] === 'from revamp');
  await blog.app('legacy', edit.legacy, ['later', title]);
  await blog.see('revamp', content.revamp, [title], (row) => row?.['text'] === 'later');
});

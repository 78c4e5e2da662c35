import { beforeAll, expect, test } from '@jest/globals';
import { runBlog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { eventually } from '../support/eventually.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

test('what an operator pauses is not read until it is resumed, by commands that need no process of Tandem', async () => {
  await using blog = await runBlog();
  const run = (...words: string[]) => tandem(words, { ...testAddresses() });
  const name = `paused_${blog.run}`;
  const email = `${name}@example.com`;
  expect(await run('pause', 'blog/users', '--reason', 'maintenance')).toMatchObject({ code: 0, stderr: '' });
  try {
    expect((await run('pause', 'list')).stdout).toMatch(
      /paused: blog\/users since .*, operator: maintenance/,
    );
    await eventually('this process to know', () => blog.running.openPauses().length > 0);
    await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [name, email]);
    await eventually('the change to wait in its topic', () => blog.running.inHand.records() > 0);
    const report = await blog.running.health.report();
    expect(report.paused).toMatchObject([{ paused: 'blog/users', reason: 'operator' }]);
    expect(await blog.admin('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name])).toEqual([]);
  } finally {
    expect((await run('resume', 'blog/users')).stdout).toContain('blog/users goes on');
  }
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
  const again = await run('resume', 'blog/users');
  expect(again).toMatchObject({ code: 1 });
  expect(again.stderr).toContain('blog/users is not paused');
});

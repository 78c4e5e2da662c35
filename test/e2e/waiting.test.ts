import { expect, test } from '@jest/globals';
import { pauseId } from '../../src/temporal/pause.ts';
import type { DeadLetterStatus } from '../../src/temporal/messages.ts';
import type { PauseInput } from '../../src/temporal/pause.ts';
import { Pauses } from '../../src/temporal/pauses.ts';
import { deadLetterId, queryNames, updateNames } from '../../src/temporal/names.ts';
import { runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { eventually } from '../support/eventually.ts';

const posts = 20;

const waiting = (blog: Blog) =>
  blog.client.workflow
    .count(`TandemPipeline = 'blog' AND ExecutionStatus = 'Running' AND TandemErrorClass = 'waiting_for_row'`)
    .then(({ count }) => count);

const dead = (blog: Blog) =>
  blog.client.workflow
    .count(`WorkflowType = 'deadLetter' AND ExecutionStatus = 'Running' AND TandemEntity = 'posts'`)
    .then(({ count }) => count);

test.each([
  { till: 'beyond their deadline', deadlineSeconds: 2, waitsMs: 4000 },
  // None of them looks by itself before the test has lost its patience.
  { till: 'until they are woken', deadlineSeconds: 600, waitsMs: 0 },
])('children whose parent is held up wait $till', async ({ deadlineSeconds, waitsMs }) => {
  await using blog = await runBlog({ SYNC_WAITING_DEADLINE_SECONDS: String(deadlineSeconds) });
  const before = await dead(blog);
  const paused: PauseInput = {
    pipeline: 'blog',
    scope: { kind: 'entity', entity: 'users' },
    reason: 'operator',
    text: 'parents are held up',
    signature: null,
    epoch: null,
    sample: null,
    trialMaxMs: 60_000,
  };
  await new Pauses(blog.client, 'blog').start(paused);
  await eventually('the pause to be known', () => blog.running.openPauses().length === 1);
  const name = `late_${blog.run}`;
  try {
    await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
      name,
      `${name}@example.com`,
    ]);
    await blog.app(
      'legacy',
      `INSERT INTO legacy_posts (user_id, post_title)
        SELECT u.id, $1::text || n FROM legacy_users u, generate_series(1, ${posts}) n WHERE u.username = $1::text`,
      [name],
    );
    await eventually('the children to wait', async () => (await waiting(blog)) >= posts);
    const deadline = Date.now() + waitsMs;
    await eventually('their deadline to pass', () => Date.now() >= deadline);
    expect([await waiting(blog), await dead(blog)]).toEqual([posts, before]);
  } finally {
    await blog.client.workflow
      .getHandle(pauseId(paused))
      .executeUpdate(updateNames.resume, { args: ['the test is done with it'] });
  }
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
  await blog.see(
    'revamp',
    'SELECT COUNT(*) AS posts FROM revamp_posts WHERE title LIKE ?',
    [`${name}%`],
    (row) => Number(row?.['posts']) === posts,
  );
  expect(await dead(blog)).toBe(before);
  await eventually('the waiting room to be empty', async () => (await waiting(blog)) === 0);
});

test('a child whose parent is a dead letter becomes one soon after its deadline, with the chain named, and applies once both are retried', async () => {
  await using blog = await runBlog({ SYNC_WAITING_DEADLINE_SECONDS: '5' });
  const since = new Date();
  const name = `chain_${blog.run}`;
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
    name,
    `${name}@example.com`,
  ]);
  // Before the first moment that the other side's column can hold.
  await blog.app(
    'legacy',
    `INSERT INTO legacy_posts (user_id, post_title, created_at) SELECT id, username, '1900-01-01' FROM legacy_users WHERE username = $1`,
    [name],
  );
  await blog.app(
    'legacy',
    'INSERT INTO legacy_likes (user_id, post_id) SELECT user_id, id FROM legacy_posts WHERE post_title = $1',
    [name],
  );
  // Far less than the hour after which an event looks by itself.
  const [child] = await eventually(
    'the child to be given up',
    async () => {
      const found = await openDeadLetters(blog, 'likes', since);
      return found.length > 0 && found;
    },
    90_000,
  );
  const [parent] = await openDeadLetters(blog, 'posts', since);
  expect(child!.failure.message).toContain(
    `(likes → posts on legacy → dead letter ${parent!.eventId} (data))`,
  );
  await blog.app('legacy', 'UPDATE legacy_posts SET created_at = now() WHERE post_title = $1', [name]);
  await blog.see('revamp', 'SELECT 1 FROM revamp_posts WHERE title = ?', [name]);
  for (const { eventId } of [parent!, child!])
    await blog.client.workflow.getHandle(deadLetterId(eventId)).executeUpdate(updateNames.retry);
  await blog.see(
    'revamp',
    'SELECT 1 FROM revamp_likes JOIN revamp_posts ON article_id = revamp_posts.id WHERE title = ?',
    [name],
  );
});

async function openDeadLetters(blog: Blog, entity: string, since: Date): Promise<DeadLetterStatus[]> {
  const query = `WorkflowType = 'deadLetter' AND ExecutionStatus = 'Running' AND TandemEntity = '${entity}' AND StartTime > '${since.toISOString()}'`;
  const found: DeadLetterStatus[] = [];
  for await (const { workflowId } of blog.client.workflow.list({ query }))
    found.push(await blog.client.workflow.getHandle(workflowId).query(queryNames.status));
  return found;
}

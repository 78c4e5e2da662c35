import { expect, test } from '@jest/globals';
import { deadLetterId, updateNames, workflowTypes } from '../../src/temporal/names.ts';
import type { BatchResult } from '../../src/temporal/batch.ts';
import { runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { differences } from '../support/differences.ts';
import { eventually } from '../support/eventually.ts';

/** What the batches came to that began since. */
async function batchesSince(blog: Blog, since: Date): Promise<BatchResult[]> {
  const query = `WorkflowType = '${workflowTypes.syncBatch}' AND TandemPipeline = 'blog' AND StartTime >= '${since.toISOString()}'`;
  const results: BatchResult[] = [];
  for await (const { workflowId, runId } of blog.client.workflow.list({ query }))
    results.push((await blog.client.workflow.getHandle(workflowId, runId).result()) as BatchResult);
  return results;
}

test('what is far behind comes by batches, both ways, the row that is refused by itself, and what follows by events again', async () => {
  await using blog = await runBlog({ SYNC_BATCH_BEHIND: '20' });
  const since = new Date();
  const name = `lane_${blog.run}`;
  const posts = `${name}_post_`;
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
    name,
    `${name}@example.com`,
  ]);
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);

  await blog.whileStopped(async () => {
    await blog.app(
      'legacy',
      `INSERT INTO legacy_posts (user_id, post_title) SELECT id, $2 || n FROM legacy_users, generate_series(1, 300) n WHERE username = $1`,
      [name, posts],
    );
    await blog.app('legacy', `UPDATE legacy_posts SET post_content = 'edited' WHERE post_title LIKE $1`, [
      `${posts}%1`,
    ]);
    await blog.app('legacy', `DELETE FROM legacy_posts WHERE post_title LIKE $1`, [`${posts}%2`]);
    await blog.app(
      'legacy',
      `INSERT INTO legacy_users (username, email, phone_number)
        SELECT $1 || n, $1 || n || '@example.com', repeat('1', CASE n WHEN 5 THEN 50 ELSE 5 END) FROM generate_series(1, 90) n`,
      [`${name}_`],
    );
    await blog.app(
      'revamp',
      `INSERT INTO revamp_posts (author_id, title) SELECT u.id, CONCAT(?, 'r', n.n) FROM revamp_users u
        JOIN JSON_TABLE(?, '$[*]' COLUMNS (n INT PATH '$')) n WHERE u.user_name = ?`,
      [posts, JSON.stringify(Array.from({ length: 100 }, (_, n) => n)), name],
    );
  });

  const dead = await eventually('a dead letter of the number that is too long', async () => {
    const query = `WorkflowType = '${workflowTypes.deadLetter}' AND ExecutionStatus = 'Running' AND TandemPipeline = 'blog' AND StartTime >= '${since.toISOString()}'`;
    for await (const { workflowId } of blog.client.workflow.list({ query })) return workflowId;
    return null;
  });
  const batches = await eventually('most of it to have come by batches', async () => {
    const all = await batchesSince(blog, since);
    const applied = all.reduce((sum, { outcomes }) => sum + (outcomes.applied ?? 0), 0);
    return applied > 250 && all;
  });
  expect(batches.flatMap(({ left }) => left).map(deadLetterId)).toContain(dead);

  await blog.app('legacy', `UPDATE legacy_users SET phone_number = '1' WHERE username = $1`, [`${name}_5`]);
  await blog.client.workflow
    .getHandle(dead)
    .executeUpdate(updateNames.discard, { args: ['a newer change follows'] });
  await eventually('both sides to agree', async () => (await differences(blog, name)).length === 0);

  await eventually('a change to come alone again', async () => {
    const count = (await batchesSince(blog, since)).length;
    const text = `alone ${Date.now()}`;
    await blog.app('revamp', `UPDATE revamp_posts SET content = ? WHERE title = ?`, [text, `${posts}3`]);
    await blog.see(
      'legacy',
      'SELECT post_content AS text FROM legacy_posts WHERE post_title = $1',
      [`${posts}3`],
      (row) => row?.['text'] === text,
    );
    return (await batchesSince(blog, since)).length === count;
  });
  await blog.app('legacy', 'DELETE FROM legacy_users WHERE username LIKE $1', [`${name}%`]);
  await blog.see(
    'revamp',
    'SELECT 1 FROM revamp_users WHERE user_name = ?',
    [name],
    (row) => row === undefined,
  );
});

test('changes that come faster than they are applied one by one come by batches', async () => {
  await using blog = await runBlog({ SYNC_BATCH_OPEN: '20' });
  const since = new Date();
  const name = `fast_${blog.run}`;
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
    name,
    `${name}@example.com`,
  ]);
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
  await blog.app(
    'legacy',
    `INSERT INTO legacy_posts (user_id, post_title) SELECT id, $1 || n FROM legacy_users, generate_series(1, 300) n WHERE username = $1`,
    [name],
  );
  await eventually('both sides to agree', async () => (await differences(blog, name)).length === 0);
  const sizes = (await batchesSince(blog, since)).map(({ outcomes }) => outcomes.applied ?? 0);
  const inBatches = sizes.reduce((sum, size) => sum + size, 0);
  expect(inBatches).toBeGreaterThan(100);
  // The first ones found nothing open.
  expect(inBatches).toBeLessThan(300);
});

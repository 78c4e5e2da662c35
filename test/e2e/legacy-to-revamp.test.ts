import { expect, test } from '@jest/globals';
import { runBlog } from '../support/blog-system.ts';

test('users, posts and likes written in legacy are in revamp: created, updated, deleted', async () => {
  await using blog = await runBlog();
  const name = `l2r_${blog.run}`;
  const title = `Post ${name}`;

  await blog.app(
    'legacy',
    `INSERT INTO legacy_users (username, email, full_name, phone_number, status) VALUES ($1, $2, 'Ada 🧮', NULL, 'banned')`,
    [name, `${name}@example.com`],
  );
  const user = await blog.see('revamp', 'SELECT * FROM revamp_users WHERE user_name = ?', [name]);
  expect(user).toMatchObject({
    email_address: `${name}@example.com`,
    display_name: 'Ada 🧮',
    mobile: null,
    account_status: 'SUSPENDED',
    source: 'sync_service',
  });

  await blog.app(
    'legacy',
    `INSERT INTO legacy_posts (user_id, post_title, post_content) SELECT id, $2, 'one' FROM legacy_users WHERE username = $1`,
    [name, title],
  );
  await blog.app(
    'legacy',
    `INSERT INTO legacy_likes (user_id, post_id) SELECT user_id, id FROM legacy_posts WHERE post_title = $1`,
    [title],
  );
  const post = await blog.see('revamp', 'SELECT * FROM revamp_posts WHERE title = ?', [title]);
  expect(post).toMatchObject({ author_id: user['id'], content: 'one' });
  const like = await blog.see('revamp', 'SELECT * FROM revamp_likes WHERE article_id = ?', [post['id']]);
  expect(like).toMatchObject({ liker_id: user['id'] });

  await blog.app('legacy', `UPDATE legacy_posts SET post_content = 'two' WHERE post_title = $1`, [title]);
  await blog.see(
    'revamp',
    'SELECT content FROM revamp_posts WHERE title = ?',
    [title],
    (row) => row?.['content'] === 'two',
  );

  await blog.app('legacy', 'DELETE FROM legacy_users WHERE username = $1', [name]);
  const none = (row: unknown) => row === undefined;
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name], none);
  await blog.see('revamp', 'SELECT 1 FROM revamp_posts WHERE title = ?', [title], none);
  await blog.see('revamp', 'SELECT 1 FROM revamp_likes WHERE id = ?', [like['id']], none);
});

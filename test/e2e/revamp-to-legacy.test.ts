import { expect, test } from '@jest/globals';
import { runBlog } from '../support/blog-system.ts';

test('users, posts and likes written in revamp are in legacy: created, updated, deleted', async () => {
  await using blog = await runBlog();
  const name = `r2l_${blog.run}`;
  const title = `Post ${name}`;

  await blog.app(
    'revamp',
    `INSERT INTO revamp_users (user_name, email_address, display_name, account_status) VALUES (?, ?, '', 'DISABLED')`,
    [name, `${name}@example.com`],
  );
  const user = await blog.see('legacy', 'SELECT * FROM legacy_users WHERE username = $1', [name]);
  expect(user).toMatchObject({
    email: `${name}@example.com`,
    full_name: '',
    phone_number: null,
    status: 'inactive',
    source: 'sync_service',
  });

  await blog.app(
    'revamp',
    `INSERT INTO revamp_posts (author_id, title, content) SELECT id, ?, 'one' FROM revamp_users WHERE user_name = ?`,
    [title, name],
  );
  await blog.app(
    'revamp',
    'INSERT INTO revamp_likes (liker_id, article_id) SELECT author_id, id FROM revamp_posts WHERE title = ?',
    [title],
  );
  const post = await blog.see('legacy', 'SELECT * FROM legacy_posts WHERE post_title = $1', [title]);
  expect(post).toMatchObject({ user_id: user['id'], post_content: 'one' });
  await blog.see('legacy', 'SELECT * FROM legacy_likes WHERE post_id = $1', [post['id']]);

  await blog.app('revamp', `UPDATE revamp_posts SET content = 'two' WHERE title = ?`, [title]);
  await blog.see(
    'legacy',
    'SELECT post_content FROM legacy_posts WHERE post_title = $1',
    [title],
    (row) => row?.['post_content'] === 'two',
  );

  await blog.app('revamp', 'DELETE FROM revamp_users WHERE user_name = ?', [name]);
  const none = (row: unknown) => row === undefined;
  await blog.see('legacy', 'SELECT 1 FROM legacy_users WHERE username = $1', [name], none);
  await blog.see('legacy', 'SELECT 1 FROM legacy_posts WHERE post_title = $1', [title], none);
  await blog.see('legacy', 'SELECT 1 FROM legacy_likes WHERE post_id = $1', [post['id']], none);
});

test('an app edits and deletes a row that Tandem wrote, leaving `source` alone: both reach the other side', async () => {
  await using blog = await runBlog();
  const name = `edit_${blog.run}`;
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
    name,
    `${name}@example.com`,
  ]);
  await blog.see(
    'revamp',
    'SELECT source FROM revamp_users WHERE user_name = ?',
    [name],
    (row) => row?.['source'] === 'sync_service',
  );
  await blog.app('revamp', `UPDATE revamp_users SET display_name = 'Edited in revamp' WHERE user_name = ?`, [
    name,
  ]);
  await blog.see(
    'legacy',
    'SELECT full_name FROM legacy_users WHERE username = $1',
    [name],
    (row) => row?.['full_name'] === 'Edited in revamp',
  );
  await blog.app('revamp', 'DELETE FROM revamp_users WHERE user_name = ?', [name]);
  await blog.see(
    'legacy',
    'SELECT 1 FROM legacy_users WHERE username = $1',
    [name],
    (row) => row === undefined,
  );
});

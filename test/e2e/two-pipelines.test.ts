import { expect, test } from '@jest/globals';
import { openBlog } from '../support/blog-system.ts';
import { fromNowOn } from '../support/from-now-on.ts';
import { runDefined } from '../support/pipeline-system.ts';
import { peopleOfBlog } from '../support/people-of-blog.ts';

const directory = peopleOfBlog('directory');

test('two pipelines on one table both get every change', async () => {
  await using blog = await openBlog();
  await blog.admin(
    'revamp',
    'CREATE TABLE IF NOT EXISTS directory_people (id BIGINT PRIMARY KEY, handle VARCHAR(100) NOT NULL)',
  );
  await blog.admin('revamp', `GRANT SELECT, INSERT, UPDATE, DELETE ON directory_people TO sync_service`);
  await fromNowOn(blog.kafka, 'directory-legacy', 'legacy.public.legacy_users');
  const running = await runDefined(blog.environment, blog.pipeline, directory);
  try {
    const name = `both_${blog.run}`;
    await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
      name,
      `${name}@x.example`,
    ]);
    const [user] = await blog.admin('legacy', 'SELECT id FROM legacy_users WHERE username = $1', [name]);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
    const person = await blog.see('revamp', 'SELECT id FROM directory_people WHERE handle = ?', [name]);
    expect(String(person['id'])).toBe(String(user!['id']));

    await blog.app('legacy', 'UPDATE legacy_users SET username = $1 WHERE username = $2', [
      `${name}_2`,
      name,
    ]);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [`${name}_2`]);
    await blog.see('revamp', 'SELECT 1 FROM directory_people WHERE handle = ?', [`${name}_2`]);

    await blog.app('legacy', 'DELETE FROM legacy_users WHERE username = $1', [`${name}_2`]);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [`${name}_2`], (row) => !row);
    await blog.see('revamp', 'SELECT 1 FROM directory_people WHERE handle = ?', [`${name}_2`], (row) => !row);
  } finally {
    await running.stop();
  }
});

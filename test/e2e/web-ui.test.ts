import { expect, test } from '@jest/globals';
import { deadLetterQuery } from '../../src/temporal/dead-letter-filter.ts';
import { listLink } from '../../src/process/web-ui.ts';
import { runBlog } from '../support/blog-system.ts';
import { findChromium } from '../support/chromium.ts';
import { openWebUi } from '../support/web-ui.ts';

// Fetching it may take longer than a test may.
const chromium = await findChromium();

test('an operator finds, understands and repairs broken rows by the Web UI alone', async () => {
  await using blog = await runBlog();
  await using ui = await openWebUi(chromium);
  const phone = '0'.repeat(40);
  const insert = async (name: string) => {
    await blog.app(
      'legacy',
      `INSERT INTO legacy_users (username, email, full_name, phone_number) VALUES ($1, $2, 'Ada', $3)`,
      [name, `${name}@example.com`, phone],
    );
    return blog.deadLetter('users');
  };
  const dead = listLink(blog.settings, deadLetterQuery({ pipeline: 'blog', entity: 'users' }));
  const mobileOf = (name: string, mobile: string) =>
    blog.see(
      'revamp',
      'SELECT mobile FROM revamp_users WHERE user_name = ?',
      [name],
      (row) => row?.['mobile'] === mobile,
    );

  const edited = `web_${blog.run}`;
  const { eventId } = await insert(edited);
  await ui.findDeadLetter(dead, eventId);
  const details = await ui.details('Looked at');
  expect(details).toContain('column mobile: text of 40 characters is longer than varchar(32)');
  expect(details).toContain(phone);
  expect(details).toContain('revamp has no such row');
  expect(details).toContain('docs/runbook.md#data');
  await ui.pictureOfDetails();
  await ui.update('edit', '{"columns": {"phone_number": "0123"}}');
  await mobileOf(edited, '0123');
  await ui.details('State: resolved');

  const retried = `web_${blog.run}_again`;
  const { eventId: again } = await insert(retried);
  await ui.findDeadLetter(dead, again);
  await ui.details('Looked at');
  await blog.admin('revamp', 'ALTER TABLE revamp_users MODIFY mobile VARCHAR(64) NULL');
  try {
    await ui.update('retry');
    await mobileOf(retried, phone);
    await ui.details('State: resolved');
  } finally {
    await blog.app('legacy', 'DELETE FROM legacy_users WHERE username = $1', [retried]);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [retried], (row) => !row);
    await blog.admin('revamp', 'ALTER TABLE revamp_users MODIFY mobile VARCHAR(32) NULL');
  }
});

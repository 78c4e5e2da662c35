import { expect, test } from '@jest/globals';
import { connectPlain } from '../../src/database/plain-connection.ts';
import type { SyncStatus } from '../../src/temporal/messages.ts';
import { deadLetterId, queryNames, updateNames, workflowTypes } from '../../src/temporal/names.ts';
import { runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { eventually } from '../support/eventually.ts';

const insertUser = 'INSERT INTO legacy_users (username, email, phone_number) VALUES ($1, $2, $3)';

/** The open dead letter whose failure message has these words. */
const deadLetterSaying = (blog: Blog, words: string) =>
  eventually(`a dead letter saying ${words}`, async () => {
    const open = blog.client.workflow.list({
      query: `WorkflowType = '${workflowTypes.deadLetter}' AND ExecutionStatus = 'Running' AND TandemPipeline = 'blog'`,
    });
    for await (const { workflowId } of open) {
      const status = await blog.client.workflow
        .getHandle(workflowId)
        .query<{ eventId: string; failure: { message: string; errorClass: string; retryCount: number } }>(
          queryNames.status,
        );
      if (status.failure.message.includes(words)) return status;
    }
    return false;
  });

test('a value that does not fit is a dead letter naming the column; the other row of its transaction arrives; widened and retried it does too', async () => {
  await using blog = await runBlog();
  const name = `long_${blog.run}`;
  const unfit = [name, `${name}@example.com`, '1'.repeat(50)];
  const fit = [`${name}_after`, `${name}_after@example.com`, '1'];
  await blog.app('legacy', `${insertUser}, ($4, $5, $6)`, [...unfit, ...fit]);
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [`${name}_after`]);
  const dead = await deadLetterSaying(blog, 'column mobile: text of 50 characters');
  expect(dead.failure).toMatchObject({ errorClass: 'data', retryCount: 0 });
  expect(JSON.stringify(dead)).not.toContain('111111');

  await blog.admin('revamp', 'ALTER TABLE revamp_users MODIFY mobile VARCHAR(64) NULL');
  try {
    await blog.client.workflow.getHandle(deadLetterId(dead.eventId)).executeUpdate(updateNames.retry);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
    await eventually('the dead letter to be resolved', async () => {
      const { status } = await blog.client.workflow.getHandle(deadLetterId(dead.eventId)).describe();
      return status.name === 'COMPLETED';
    });
  } finally {
    await blog.app('legacy', 'DELETE FROM legacy_users WHERE username = $1', [name]);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name], (row) => !row);
    await blog.app('revamp', 'DELETE FROM revamp_users WHERE char_length(mobile) > 32');
    await blog.admin('revamp', 'ALTER TABLE revamp_users MODIFY mobile VARCHAR(32) NULL');
  }
});

test('a unique value that another row holds is retried, then a dead letter naming the constraint; freed and retried it arrives', async () => {
  await using blog = await runBlog({ SYNC_MAX_RETRY_ATTEMPTS: '1' });
  const name = `twice_${blog.run}`;
  // Under Tandem's mark, so that no side ever hears of this row.
  const unheard = await connectPlain('mysql', blog.environment.get('REVAMP_DATABASE_URL')!);
  try {
    await unheard.query(`SET SESSION gtid_next = 'AUTOMATIC:tandem'`);
    await unheard.query(
      `INSERT INTO revamp_users (user_name, email_address, source) VALUES (?, ?, 'sync_service')`,
      [name, `${name}@elsewhere.example`],
    );
    await blog.app('legacy', insertUser, [name, `${name}@example.com`, null]);
    const dead = await deadLetterSaying(blog, 'revamp_users_user_name_key');
    expect(dead.failure).toMatchObject({ errorClass: 'constraint', retryCount: 1 });
    await unheard.query('DELETE FROM revamp_users WHERE user_name = ?', [name]);
    await blog.client.workflow.getHandle(deadLetterId(dead.eventId)).executeUpdate(updateNames.retry);
    await blog.see(
      'revamp',
      'SELECT email_address FROM revamp_users WHERE user_name = ?',
      [name],
      (row) => row?.['email_address'] === `${name}@example.com`,
    );
  } finally {
    await unheard.close();
  }
});

test('a missing column keeps its events open and says so; they apply once the column is there', async () => {
  await using blog = await runBlog();
  const name = `schema_${blog.run}`;
  await blog.admin('revamp', 'ALTER TABLE revamp_users RENAME COLUMN display_name TO display_name_away');
  try {
    await blog.app('legacy', insertUser, [name, `${name}@example.com`, null]);
    const open = await eventually('the event to be open with a schema error', async () => {
      const running = blog.client.workflow.list({
        query: `WorkflowType = '${workflowTypes.syncChange}' AND ExecutionStatus = 'Running' AND TandemErrorClass = 'schema'`,
      });
      for await (const { workflowId } of running) return workflowId;
      return false;
    });
    const status = await blog.client.workflow.getHandle(open).query<SyncStatus>(queryNames.status);
    expect(status.trouble).toMatchObject({ errorClass: 'schema' });
    expect(status.trouble?.message).toContain('display_name');
  } finally {
    await blog.admin('revamp', 'ALTER TABLE revamp_users RENAME COLUMN display_name_away TO display_name');
  }
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
});

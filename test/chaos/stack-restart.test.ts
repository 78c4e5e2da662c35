import { expect, test } from '@jest/globals';
import { connectorStatus, isRunning } from '../../src/process/connectors.ts';
import { openBlog, runBlog, testEnvironment } from '../support/blog-system.ts';
import { eventually } from '../support/eventually.ts';
import { testStack } from '../support/test-stack.ts';

test('after every server was stopped and started again the connectors go on where they were', async () => {
  const name = `before_${Date.now().toString(36)}`;
  {
    await using blog = await runBlog();
    await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
      name,
      `${name}@x.example`,
    ]);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
    // Log that no connector is told of: the slot has to move on, and not ahead of what Kafka Connect has noted.
    await blog.admin('legacy', 'CREATE TABLE IF NOT EXISTS elsewhere (n int)');
    await blog.admin('legacy', 'INSERT INTO elsewhere SELECT generate_series(1, 20000)');
    const [end] = await blog.admin('legacy', 'SELECT pg_current_wal_lsn()::text AS lsn');
    await eventually(
      'the slot to move past that',
      async () => {
        const [slot] = await blog.admin(
          'legacy',
          `SELECT confirmed_flush_lsn >= '${String(end!['lsn'])}' AS past FROM pg_replication_slots`,
        );
        return slot?.['past'] === true;
      },
      60_000,
    );
  }
  await testStack().down();
  await testStack().up();
  {
    await using blog = await openBlog();
    await blog.app('legacy', 'UPDATE legacy_users SET full_name = $1 WHERE username = $2', [
      'while nobody ran',
      name,
    ]);
  }
  await using blog = await runBlog();
  await blog.see(
    'revamp',
    'SELECT display_name FROM revamp_users WHERE user_name = ?',
    [name],
    (row) => row?.['display_name'] === 'while nobody ran',
  );
  const states = await connectorStatus({ pipeline: blog.pipeline, environment: testEnvironment() });
  expect(states.filter((state) => !isRunning(state))).toEqual([]);
}, 240_000);

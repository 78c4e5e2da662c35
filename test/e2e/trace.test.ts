import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import type { EventTrace } from '../../src/cli/trace-view.ts';
import { runBlog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

const trace = (...words: string[]) => tandem(['trace', '--event', ...words], { ...testAddresses() });

test.each(['event', 'batch'] as const)('what became of an event is told in the %s lane', async (lane) => {
  await using blog = await runBlog({ SYNC_LANE: lane });
  const name = `traced_${lane}_${blog.run}`;
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
    name,
    `${name}@example.com`,
  ]);
  const user = await blog.see('revamp', 'SELECT id FROM revamp_users WHERE user_name = ?', [name]);
  const key = String(user['id']);
  const [event] = await blog.admin(
    'revamp',
    "SELECT event_id FROM tandem.processed_events WHERE entity_type = 'users' AND target_key = ? ORDER BY processed_at DESC",
    [key],
  );
  const id = event!['event_id'] as string;
  const { code, stdout, stderr } = await trace(id, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout) as EventTrace).toMatchObject({
    event_id: id,
    lane,
    workflow: lane === 'event' ? { status: 'completed' } : null,
    dead_letter: null,
    ledgers: [
      {
        side: 'revamp',
        pipeline: 'blog',
        entity: 'users',
        outcome: 'applied',
        target_key: key,
        waits_for: null,
      },
    ],
  });
  expect((await trace(id)).stdout).toContain(`revamp: applied at `);
});

test('an event nobody knows is said to be so', async () => {
  const id = randomUUID();
  const { code, stderr } = await trace(id);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `tandem: nobody knows an event ${id}, or not any more`,
  });
});

import { expect, test } from '@jest/globals';
import { listDeadLetters } from '../../src/cli/dead-letters.ts';
import { decideDeadLetters } from '../../src/cli/decide-dead-letters.ts';
import type { SyncStatus } from '../../src/temporal/messages.ts';
import { queryNames, workflowTypes } from '../../src/temporal/names.ts';
import { listPauses } from '../../src/temporal/pauses.ts';
import { runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { openWebhook } from '../support/webhook.ts';
import { eventually } from '../support/eventually.ts';

const count = 40;

const held = async (blog: Blog): Promise<number> => {
  let found = 0;
  const query = `WorkflowType = '${workflowTypes.syncChange}' AND ExecutionStatus = 'Running' AND TandemPipeline = 'blog'`;
  for await (const { workflowId } of blog.client.workflow.list({ query })) {
    const status = await blog.client.workflow.getHandle(workflowId).query<SyncStatus>(queryNames.status);
    if (status.step === 'held') found++;
  }
  return found;
};

test('a bad deploy on the target pauses the entity: few dead letters, the rest held, all applied once it is taken back', async () => {
  await using webhook = await openWebhook();
  await using blog = await runBlog({
    SYNC_MAX_RETRY_ATTEMPTS: '0',
    SYNC_FUSE_TRIAL_SECONDS: '2',
    ALERT_WEBHOOK_URL: webhook.url,
    ALERT_INTERVAL_SECONDS: '10',
  });
  const name = `poison_${blog.run}`;
  const arrived = (expected: number) =>
    blog.see(
      'revamp',
      'SELECT COUNT(*) AS n FROM revamp_users WHERE user_name LIKE ?',
      [`${name}%`],
      (row) => Number(row?.['n']) === expected,
    );
  const constraint = `bad_deploy_${blog.run}`;
  await blog.admin(
    'revamp',
    `ALTER TABLE revamp_users ADD CONSTRAINT ${constraint} CHECK (user_name NOT LIKE 'poison%')`,
  );
  let dropped = false;
  const drop = async () => {
    if (!dropped) await blog.admin('revamp', `ALTER TABLE revamp_users DROP CHECK ${constraint}`);
    dropped = true;
  };
  try {
    await blog.app(
      'legacy',
      `INSERT INTO legacy_users (username, email)
         SELECT $1 || n, $1 || n || '@example.com' FROM generate_series(1, ${count}) AS n`,
      [name],
    );
    const pause = await eventually('the fuse to pause the entity', async () =>
      (await listPauses(blog.client, 'blog')).find(({ reason }) => reason === 'fuse'),
    );
    expect(pause.scope).toEqual({ kind: 'entity', entity: 'users' });
    const signature = pause.signature!;
    expect(signature).toContain(constraint);
    const dead = await eventually('every event to be dead or held', async () => {
      const letters = await listDeadLetters(blog.client, { pipeline: 'blog', signature });
      return letters.length + (await held(blog)) === count ? letters : null;
    });
    expect(dead.length).toBeGreaterThanOrEqual(19);
    expect(dead.length).toBeLessThanOrEqual(25);
    expect(await blog.running.metrics.expose()).toContain('sync_paused{scope="blog/users",reason="fuse"} 1');
    expect(blog.running.health.livez().ok).toBe(true);

    // One alert at once, one of all that came after it, and one of the pause.
    const texts = () => (webhook.bodies as { text: string }[]).map(({ text }) => text);
    const counts = () =>
      texts().flatMap((text) => /^\*blog: (\d+) (?:more )?dead letters? of users/.exec(text)?.[1] ?? []);
    await eventually(
      'the summary',
      () =>
        counts()
          .map(Number)
          .reduce((a, b) => a + b, 0) === dead.length,
    );
    expect(counts()).toHaveLength(2);
    expect(texts().find((text) => text.startsWith('*blog/users is paused (fuse)*'))).toContain(signature);
    expect(texts().join()).not.toContain(name);

    // Read only once the entity goes on.
    const later = `later_${blog.run}`;
    await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
      later,
      `${later}@example.com`,
    ]);
    await eventually('the change to wait in its topic', () => blog.running.inHand.records() > 0);

    await drop();
    await arrived(count - dead.length);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [later]);
    expect(await listPauses(blog.client, 'blog')).toEqual([]);

    const ids = dead.map(({ event_id }) => event_id);
    await decideDeadLetters(blog.client, ids, { kind: 'retry' });
    await arrived(count);
    await blog.app('legacy', 'DELETE FROM legacy_users WHERE username = $1', [later]);
  } finally {
    await drop();
    await blog.app('legacy', 'DELETE FROM legacy_users WHERE username LIKE $1', [`${name}%`]);
    await arrived(0);
  }
});

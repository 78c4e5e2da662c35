import { beforeAll, expect, test } from '@jest/globals';
import { listDeadLetters } from '../../src/cli/dead-letters.ts';
import { decideDeadLetters } from '../../src/cli/decide-dead-letters.ts';
import type { StatusReport } from '../../src/cli/status/report.ts';
import { runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { eventually } from '../support/eventually.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

const nowhere = '127.0.0.1:9';

async function status(
  env: Record<string, string> = {},
): Promise<StatusReport & { code: number | undefined }> {
  const { code, stdout, stderr } = await tandem(['status', 'blog', '--json'], { ...testAddresses(), ...env });
  expect(stderr).toBe('');
  return { ...(JSON.parse(stdout) as StatusReport), code };
}

async function discardAll(blog: Blog): Promise<void> {
  const open = await listDeadLetters(blog.client, { pipeline: 'blog' });
  const ids = open.map(({ event_id: id }) => id);
  await decideDeadLetters(blog.client, ids, { kind: 'discard', reason: 'end of a test' });
}

const addUser = (blog: Blog, name: string, phone: string | null) =>
  blog.app('legacy', 'INSERT INTO legacy_users (username, email, phone_number) VALUES ($1, $2, $3)', [
    name,
    `${name}@example.com`,
    phone,
  ]);

/** The direction of users that these tests write in. */
const usersOf = ({ pipelines: [blog] }: StatusReport) =>
  blog!.entities.find(({ entity, from }) => entity === 'users' && from === 'legacy')!;

const well = () =>
  eventually('nothing to need an operator', async () => {
    const report = await status();
    expect(report.problems).toEqual([]);
    return report;
  });

test('an idle pipeline needs nobody; what was applied shows as the rate, what captures and reads it as it is', async () => {
  await using blog = await runBlog();
  await discardAll(blog);
  const name = `status_${blog.run}`;
  await addUser(blog, name, null);
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
  const report = await eventually('all to be applied and read', async () => {
    const seen = await well();
    const { lagSeconds, unread } = usersOf(seen);
    return lagSeconds === 0 && unread === 0 ? seen : null;
  });
  expect(report).toMatchObject({ code: 0, ok: true });
  const [pipeline] = report.pipelines;
  expect(usersOf(report)).toMatchObject({ to: 'revamp', work: { inFlight: 0, deadLetters: 0 }, paused: [] });
  expect(usersOf(report).lastMinute).toMatchObject({ applied: expect.any(Number) });
  for (const side of pipeline!.sides) {
    expect(side).toMatchObject({ feed: 'kafka', database: { answerMs: expect.any(Number) }, poll: null });
    expect(side.connector).toMatchObject({ state: 'running', tasks: [{ id: 0, state: 'RUNNING' }] });
    expect(side.reader).toMatchObject({ members: 1 });
    expect(side.log).toMatchObject({ state: 'kept' });
  }
  const text = await tandem(['status'], { ...testAddresses(), TANDEM_PIPELINES: 'blog' });
  expect(text.code).toBe(0);
  expect(text.stdout).toContain('nothing needs an operator');
});

test('a pause shows with its reason, and a dead letter needs an operator until it is decided', async () => {
  await using blog = await runBlog();
  await discardAll(blog);
  const run = (...words: string[]) => tandem(words, { ...testAddresses() });
  expect(await run('pause', 'blog/posts', '--reason', 'maintenance')).toMatchObject({ code: 0 });
  try {
    await eventually('the pause to show, which is no problem', async () => {
      const [pipeline] = (await well()).pipelines;
      expect(pipeline!.pauses).toMatchObject([{ reason: 'operator', text: 'maintenance' }]);
      for (const { entity, paused } of pipeline!.entities)
        expect({ entity, paused }).toEqual({ entity, paused: entity === 'posts' ? ['operator'] : [] });
      return true;
    });
    await addUser(blog, `dead_${blog.run}`, '7'.repeat(60));
    await blog.deadLetter('users');
    await eventually('the dead letter to show', async () => {
      const report = await status();
      expect(report).toMatchObject({ code: 1, ok: false });
      expect(report.problems).toEqual(['blog: 1 dead letter; tandem dlq list --pipeline blog']);
      expect(usersOf(report).work).toMatchObject({ deadLetters: 1 });
      return true;
    });
    const { code, stdout } = await run('status', 'blog');
    expect(code).toBe(1);
    expect(stdout).toMatch(/paused: blog\/posts since .*, operator: maintenance/);
    expect(stdout).toContain('this needs an operator:\n  blog: 1 dead letter;');
  } finally {
    await discardAll(blog);
    expect(await run('resume', 'blog/posts')).toMatchObject({ code: 0 });
  }
  expect(await well()).toMatchObject({ code: 0 });
});

test('a part that is away is told with the reason, and the rest is there', async () => {
  await using blog = await runBlog();
  await discardAll(blog);
  await well();
  const withoutConnect = await status({ CONNECT_URL: `http://${nowhere}` });
  const reason = `Kafka Connect at http://${nowhere} does not answer`;
  expect(withoutConnect).toMatchObject({ code: 1, problems: [expect.stringContaining(`away: ${reason}`)] });
  const [pipeline] = withoutConnect.pipelines;
  expect(pipeline).toMatchObject({ work: { deadLetters: 0 }, pauses: [], jobs: [] });
  expect(usersOf(withoutConnect)).toMatchObject({ unread: 0, lagSeconds: 0 });
  for (const side of pipeline!.sides) {
    const away = { away: expect.stringContaining(reason) };
    expect(side).toMatchObject({ connector: away, log: away, reader: { members: 1 }, database: {} });
  }

  const withoutTemporal = await status({ TEMPORAL_ADDRESS: nowhere, KAFKA_BROKERS: nowhere });
  expect(withoutTemporal.code).toBe(1);
  expect(withoutTemporal.problems).toEqual([
    expect.stringContaining(`away: Temporal does not answer at ${nowhere}`),
    expect.stringMatching(/^away: Kafka: /),
  ]);
  expect(usersOf(withoutTemporal)).toMatchObject({ lagSeconds: null, lastMinute: {} });
  for (const side of withoutTemporal.pipelines[0]!.sides)
    expect(side).toMatchObject({ connector: { state: 'running' }, log: { state: 'kept' } });
});

import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import type { Decided } from '../../src/cli/decide-dead-letters.ts';
import type { Imported } from '../../src/cli/import-dead-letters.ts';
import { readRecord } from '../../src/ingest/kafka/read-record.ts';
import { listLink } from '../../src/process/web-ui.ts';
import { deadLetterQuery } from '../../src/temporal/dead-letter-filter.ts';
import { deadLetterId } from '../../src/temporal/names.ts';
import { runBlog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { plainPayloads } from '../support/encrypted/addresses.ts';
import { eventually } from '../support/eventually.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

interface Listed {
  event_id: string;
}

test('an operator lists, shows, takes back and discards a dead letter; the topic holds it in the shape of the seeds, and its end', async () => {
  const own = { DLQ_TOPIC: `dlq-${randomUUID()}`, ...plainPayloads };
  await using blog = await runBlog(own);
  const name = `discard_${blog.run}`;
  const run = async (...words: string[]) => {
    const result = await tandem(['dlq', ...words], { ...testAddresses(), ...own });
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    return result.stdout;
  };
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email, phone_number) VALUES ($1, $2, $3)', [
    name,
    `${name}@example.com`,
    '7'.repeat(60),
  ]);
  const { eventId, reason } = await blog.deadLetter('users');
  expect(reason).toContain('column mobile');

  const listed = JSON.parse(await run('list', '--json', '--pipeline', 'blog', '--class', 'data')) as Listed[];
  expect(listed.map((each) => each.event_id)).toContain(eventId);
  const shown = await run('show', eventId);
  expect(shown).toContain('column mobile: text of 60 characters');
  expect(shown).toMatch(/phone_number .* mobile failed .* 7{60} .*[^]*revamp has no such row, looked at/);
  expect(await run('list', '--pipeline', 'blog')).toContain(
    listLink(blog.settings, deadLetterQuery({ pipeline: 'blog' })),
  );

  const imported = async (...words: string[]) =>
    JSON.parse(await run('import', 'blog', '--json', ...words)) as Imported;
  await eventually('the record to be on the topic', async () => (await imported('--dry-run')).held === 1);
  await blog.client.workflow.getHandle(deadLetterId(eventId)).terminate('lost, as with a database');
  const lost = { read: 1, held: 0, known: 0, resolved: 0, raised: [{ event_id: eventId }], errors: [] };
  expect(await imported('--dry-run')).toMatchObject({ ...lost, dry_run: true });
  expect(await imported()).toMatchObject({ ...lost, dry_run: false });
  expect(await imported()).toMatchObject({ held: 1, raised: [] });
  expect(await run('show', eventId)).toContain('column mobile: text of 60 characters');

  await run('discard', eventId, '--reason', 'the number is nonsense');
  const [processed] = await blog.admin(
    'revamp',
    'SELECT outcome FROM tandem.processed_events WHERE event_id = ?',
    [eventId],
  );
  expect(processed).toEqual({ outcome: 'discarded' });
  expect(await run('list', '--json')).not.toContain(eventId);

  const admin = blog.kafka.admin();
  await admin.connect();
  const topic = blog.settings.deadLetterTopic;
  await eventually('the end to be on the topic', async () => {
    const [end] = await admin.fetchTopicOffsets(topic);
    return end!.high === '2';
  });
  await admin.disconnect();
  const message = async (offset: string) => {
    const { key, value } = await readRecord(blog.kafka, { topic, partition: 0, offset });
    expect(String(key)).toBe(eventId);
    return JSON.parse(String(value)) as unknown;
  };
  expect(await message('0')).toEqual({
    original_event: expect.objectContaining({ event_id: eventId, entity_type: 'users', operation: 'CREATE' }),
    error_message: reason,
    stack_trace: expect.any(String),
    retry_count: 0,
    failed_at: expect.any(String),
  });
  expect(await message('1')).toMatchObject({
    resolution: 'discarded',
    reason: 'the number is nonsense',
    resolved_by: expect.stringMatching(/^\d+@/),
  });

  const producer = blog.kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ key: 'x', value: 'not a record' }] });
  await producer.disconnect();
  const damaged = await tandem(['dlq', 'import'], { ...testAddresses(), ...own });
  expect(damaged).toMatchObject({ code: 1, stderr: '' });
  expect(damaged.stdout).toContain(`${topic}[0]@2  failed: its value is not JSON`);
  expect(damaged.stdout).toContain('0 raised\n1 resolved on the topic\n1 not readable');
});

test('an interrupted decision on many leaves the rest, and the same command goes on with it', async () => {
  await using blog = await runBlog();
  const words = ['--entity', 'users', '--class', 'data', '--newer-than', '1m', '--json'];
  const run = (...own: string[]) => tandem(['dlq', ...own, ...words], { ...testAddresses() });
  const ids = async () => (JSON.parse((await run('list')).stdout) as Listed[]).map((each) => each.event_id);
  await blog.app(
    'legacy',
    `INSERT INTO legacy_users (username, email, phone_number)
       SELECT $1 || n, $1 || n || '@example.com', repeat('7', 60) FROM generate_series(1, 8) n`,
    [`many_${blog.run}_`],
  );
  await eventually('eight dead letters', async () => (await ids()).length >= 8);
  const all = await ids();
  const interrupt = new AbortController();
  const discard = ['discard', '--reason', 'the numbers are nonsense', '--rate'];
  const first = tandem(
    ['dlq', ...discard, '1', ...words],
    { ...testAddresses() },
    undefined,
    interrupt.signal,
  );
  await eventually('the first to be discarded', async () => {
    const sql = "SELECT 1 FROM tandem.processed_events WHERE outcome = 'discarded' AND event_id = ?";
    return (await blog.admin('revamp', sql, [all[0]!])).length > 0;
  });
  interrupt.abort();
  const stopped = await first;
  expect(stopped).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('not begun; the same command goes on with them'),
  });
  const second = await run(...discard, '20');
  expect(second).toMatchObject({ code: 0, stderr: '' });
  const done = [stopped, second].flatMap(({ stdout }) => JSON.parse(stdout) as Decided[]);
  expect(done.every(({ state, error }) => state === 'discarded' && error === null)).toBe(true);
  expect(done.map((each) => each.event_id).toSorted()).toEqual(all.toSorted());
});

test('an operator corrects a broken row by command: both sides come to hold the correction', async () => {
  await using blog = await runBlog();
  const name = `mend_${blog.run}`;
  const run = async (...words: string[]) => {
    const result = await tandem(['dlq', ...words], { ...testAddresses() });
    return { ...result, json: () => JSON.parse(result.stdout) as unknown };
  };
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email, phone_number) VALUES ($1, $2, $3)', [
    name,
    `${name}@example.com`,
    '7'.repeat(60),
  ]);
  const { eventId } = await blog.deadLetter('users');
  const counted = await run(
    'list',
    '--json',
    '--count',
    '--pipeline',
    'blog',
    '--side',
    'legacy',
    '--newer-than',
    '1h',
  );
  expect(counted.json()).toContainEqual(
    expect.objectContaining({ signature: expect.stringMatching(/^data\/users/), count: expect.any(Number) }),
  );
  expect((await run('list', '--json', '--older-than', '30d')).json()).toEqual([]);

  const refused = await run('edit', eventId, '--set', 'phone=1', '--yes');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('column phone: users brings no such column from legacy to revamp');
  expect((await run('edit', eventId, '--set', 'phone_number=0123')).stderr).toContain('say --yes');

  const edited = await run('edit', eventId, '--set', 'phone_number=0123', '--yes', '--json');
  expect(edited.stderr).toBe('');
  expect(edited.json()).toMatchObject({
    event_id: eventId,
    state: 'resolved',
    outcome: 'applied',
    changes: [{ column: 'phone_number', old: '7'.repeat(60), new: '0123' }],
  });
  await blog.see(
    'revamp',
    'SELECT mobile FROM revamp_users WHERE user_name = ?',
    [name],
    (row) => row?.['mobile'] === '0123',
  );
  await blog.see(
    'legacy',
    'SELECT phone_number FROM legacy_users WHERE username = $1',
    [name],
    (row) => row?.['phone_number'] === '0123',
  );
  expect((await run('list', '--json')).stdout).not.toContain(eventId);

  const reread = await run('retry', eventId, '--reread');
  expect(reread).toMatchObject({ code: 0, stdout: expect.stringMatching(/ resolved, unchanged$/) });
});

import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import blogDefinition from '../../pipelines/blog/pipeline.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { serveCodec } from '../../src/process/codec.ts';
import { listLink } from '../../src/process/web-ui.ts';
import { deadLetterQuery } from '../../src/temporal/dead-letter-filter.ts';
import { deadLetterId, housekeepingId, workflowTypes } from '../../src/temporal/names.ts';
import { runBlog, testEnvironment } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { findChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { keysBeside, plainPayloads } from '../support/encrypted/addresses.ts';
import { runDefined } from '../support/pipeline-system.ts';
import { testAddresses, testStack } from '../support/test-stack.ts';
import { openWebUi } from '../support/web-ui.ts';

beforeAll(buildCli);
// Fetching it may take longer than a test may.
const chromium = await findChromium();

const { entities } = blogDefinition;
const byHand = compilePipeline({
  ...blogDefinition,
  entities: { ...entities, posts: { ...entities['posts']!, conflicts: 'manual' } },
});
const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [older, newer] = [newKey('older'), newKey('newer')];

/** Whether a file of Temporal's database has this text in it. */
async function inTemporal(text: string): Promise<boolean> {
  const { exitCode } = await execa('grep', ['-rqaF', text, testStack().folders.data('temporal')], {
    reject: false,
  });
  if (exitCode !== 0 && exitCode !== 1) throw new Error(`grep ended with ${exitCode}`);
  return exitCode === 0;
}

const gzipMagic = Buffer.from([0x1f, 0x8b, 0x08]);

/** Whether the log of the dead-letter topic has this text in it, as it lies or in a batch that was compressed. */
function onDeadLetterTopic(text: string): boolean {
  const folder = join(testStack().folders.data('kafka'), 'logs', 'sync.dlq-0');
  return readdirSync(folder).some((name) => {
    const log = readFileSync(join(folder, name));
    if (log.includes(text)) return true;
    for (let at = log.indexOf(gzipMagic); at >= 0; at = log.indexOf(gzipMagic, at + 1))
      try {
        if (gunzipSync(log.subarray(at)).includes(text)) return true;
      } catch {
        // These three bytes were another thing.
      }
    return false;
  });
}

/** What the data of payloads say that the Temporal CLI prints. */
const inBase64 = (json: string): string =>
  [...json.matchAll(/"data": "([^"]+)"/g)]
    .map(([, data]) => Buffer.from(data!, 'base64').toString())
    .join('\n');

/** A user whose number is too long for the other side. */
async function deadUser(blog: Blog, name: string): Promise<string> {
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email, phone_number) VALUES ($1, $2, $3)', [
    name,
    `${name}@example.com`,
    '7'.repeat(60),
  ]);
  return (await blog.deadLetter('users')).eventId;
}

const run = (keys: string | null, ...words: string[]) =>
  tandem(words, { ...testAddresses(), ...(keys !== null && { PAYLOAD_KEYS: keys }) });

test('with keys no value is readable in Temporal or on the dead-letter topic, and operators read all of it', async () => {
  await using plain = await runBlog(plainPayloads);
  const readable = `readable_${plain.run}`;
  const deadBefore = await deadUser(plain, readable);
  await eventually('its values on the topic', () => onDeadLetterTopic(readable));
  expect(await inTemporal(readable)).toBe(true);
  await plain.running.stop();

  await using blog = await runBlog(
    { PAYLOAD_KEYS: `${older},${newer}${keysBeside}`, SYNC_BATCH_BEHIND: '20' },
    byHand,
  );
  const since = new Date().toISOString();
  try {
    const secret = `secret_${blog.run}`;
    await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
      secret,
      `${secret}@example.com`,
    ]);
    const insertPosts =
      'INSERT INTO legacy_posts (user_id, post_title) SELECT id, $1 || n FROM legacy_users, generate_series($2::int, $3::int) n WHERE username = $4';
    await blog.app('legacy', insertPosts, [`${secret}_`, 0, 0, secret]);
    await blog.see('revamp', 'SELECT 1 FROM revamp_posts WHERE title = ?', [`${secret}_0`]);
    const dead = await deadUser(blog, `${secret}_dead`);
    await blog.whileStopped(async () => {
      const from = (side: string) => [`${secret} of ${side}`, `${secret}_0`];
      await blog.app(
        'legacy',
        'UPDATE legacy_posts SET post_content = $1 WHERE post_title = $2',
        from('legacy'),
      );
      await blog.app('revamp', 'UPDATE revamp_posts SET content = ? WHERE title = ?', from('revamp'));
      await blog.app('legacy', insertPosts, [`${secret}_`, 1, 200, secret]);
    });
    await blog.see('revamp', 'SELECT 1 FROM revamp_posts WHERE title = ?', [`${secret}_200`]);
    await eventually('a batch', async () => {
      const query = `WorkflowType = '${workflowTypes.syncBatch}' AND StartTime >= '${since}'`;
      return (await blog.client.workflow.count(query)).count > 0;
    });

    const rotated = `${newer},${older}${keysBeside}`;
    const conflict = await eventually('the conflict of the post', async () => {
      const { stdout } = await run(rotated, 'dlq', 'list', '--json', '--signature', 'conflict/posts');
      return (JSON.parse(stdout) as { event_id: string }[])[0]?.event_id;
    });
    expect((await run(rotated, 'dlq', 'show', conflict)).stdout).toContain(`${secret} of legacy`);
    expect((await run(rotated, 'dlq', 'show', dead, '--json')).stdout).toContain(`${secret}_dead`);
    expect(await run(null, 'dlq', 'show', dead)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('encrypted with key "older", which is not in PAYLOAD_KEYS'),
    });

    for (const [keys, code] of [
      [rotated, 0],
      [null, 1],
    ] as const)
      expect(await run(keys, 'doctor', 'blog', '--only', 'payload-keys')).toMatchObject({ code });

    const shown = ['temporal', 'workflow', 'show', '--output', 'json', '--workflow-id', deadLetterId(dead)];
    const history = await run(rotated, ...shown);
    expect(history).toMatchObject({ code: 0, stderr: '' });
    expect(inBase64(history.stdout)).toContain(`${secret}_dead`);
    const token = 'a-token-of-the-test';
    const codecFor = (own: Record<string, string> = {}) =>
      serveCodec(
        testEnvironment({ PAYLOAD_KEYS: rotated, CODEC_PORT: '0', CODEC_TOKEN: token, ...own }),
        createLogger({ level: 'silent' }),
      );
    const codec = await codecFor();
    const endpoint = ['--codec-endpoint', `http://127.0.0.1:${codec.port}`, '--codec-auth'];
    const decoded = await run(null, ...shown, ...endpoint, `Bearer ${token}`);
    expect(inBase64(decoded.stdout)).toContain(`${secret}_dead`);
    expect(inBase64((await run(null, ...shown)).stdout)).not.toContain(`${secret}_dead`);

    const elsewhere = await codecFor({ CODEC_ORIGINS: 'http://elsewhere.example' });
    {
      await using ui = await openWebUi(chromium);
      await ui.findDeadLetter(listLink(blog.settings, deadLetterQuery({ pipeline: 'blog' })), dead);
      const address = `http://127.0.0.1:${codec.port}`;
      await ui.decodeBy(address);
      expect(await ui.refusedBy(address)).not.toContain(secret);
      await ui.passOn({ authorization: `Bearer ${token}` });
      await ui.details(`${secret}_dead`);
      const other = `http://127.0.0.1:${elsewhere.port}`;
      await ui.decodeBy(other);
      expect(await ui.refusedBy(other)).not.toContain(secret);
    }
    await Promise.all([codec.stop(), elsewhere.stop()]);

    const [row] = await blog.admin('legacy', `SELECT id FROM legacy_users WHERE username = '${readable}'`);
    const traced = await run(null, 'trace', 'users', `legacy:${String(row!['id'])}`);
    expect(traced).toMatchObject({ code: 0, stdout: expect.stringContaining(`dead letter ${deadBefore}`) });
    expect(traced.stdout).toContain('not complete: 1 workflow cannot be read and may be of this row');
    expect(traced.stdout).toContain('encrypted with key "older"');

    for (const decision of [
      ['decide', conflict, '--take', 'revamp'],
      ['discard', dead, '--reason', secret],
      ['discard', deadBefore, '--reason', secret],
    ])
      expect(await run(rotated, 'dlq', ...decision)).toMatchObject({ code: 0 });

    expect(await inTemporal(secret)).toBe(false);
    expect(onDeadLetterTopic(secret)).toBe(false);
    await blog.running.stop();
    await expect(runDefined(testEnvironment(), byHand)).rejects.toThrow('encrypted with key "older"');
  } finally {
    // Later tests have no keys.
    await blog.client.schedule.getHandle(housekeepingId('blog')).delete();
    const { workflow, workflowService, options } = blog.client;
    for await (const { workflowId, runId } of workflow.list({
      query: `TandemPipeline = 'blog' AND StartTime >= '${since}'`,
    }))
      await workflowService.deleteWorkflowExecution({
        namespace: options.namespace,
        workflowExecution: { workflowId, runId },
      });
  }
}, 180_000);

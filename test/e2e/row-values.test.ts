import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import blogDefinition from '../../pipelines/blog/pipeline.ts';
import { listDeadLetters } from '../../src/cli/dead-letters.ts';
import { decideDeadLetters } from '../../src/cli/decide-dead-letters.ts';
import type { Decision } from '../../src/cli/decide-dead-letters.ts';
import { connectPlain } from '../../src/database/plain-connection.ts';
import { errorClasses } from '../../src/errors/error-class.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { text } from '../../src/pipeline/columns.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { listPauses } from '../../src/temporal/pauses.ts';
import { workflowTypes } from '../../src/temporal/names.ts';
import { runBlog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { eventually } from '../support/eventually.ts';
import { otlpReceiver } from '../support/otlp-receiver.ts';
import { testAddresses } from '../support/test-stack.ts';
import { toldByTemporal } from '../support/told-by-temporal.ts';
import { readTopics } from '../support/topic-reader.ts';
import { openWebhook } from '../support/webhook.ts';

beforeAll(buildCli);

const { entities } = blogDefinition;
const users = entities['users']!;
/** Names as a pipeline's own code may fail with: it quotes the value, even where a frame is looked for. */
const quoting = z.codec(text(), text(), {
  decode(name, context) {
    if (name.startsWith('thrown')) throw new Error(`cannot take ${name}\n    at ${name} (names.ts:1:1)`);
    if (name.startsWith('refused'))
      context.issues.push({ code: 'custom', message: `cannot take ${name}`, input: name });
    return name;
  },
  encode: (name) => name,
});
const definition = compilePipeline({
  ...blogDefinition,
  entities: {
    ...entities,
    users: { ...users, columns: { ...users.columns, full_name: ['display_name', quoting] } },
  },
});

/** What each engine's server is made to fail with, for each class; the codes are at the end of a row's name. */
const codes = {
  postgres: {
    unavailable: '53100',
    schema: '42703',
    contention: '40001',
    waiting_for_row: '23001',
    constraint: '23514',
    data: '22P02',
    bug: 'XX000',
  },
  mysql: {
    unavailable: '1021',
    schema: '1054',
    contention: '1213',
    waiting_for_row: '1451',
    constraint: '3819',
    data: '1366',
    bug: '1105',
  },
} as const;

/** They fail as the server does, and quote the row wherever a server may. */
const failOnPostgres = [
  `CREATE OR REPLACE FUNCTION quote_row() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE code text := substring(NEW.username FROM '_err_(.{5})$');
   BEGIN
     IF session_user <> 'sync_service' OR code IS NULL THEN RETURN NEW; END IF;
     IF code = '22P02' THEN PERFORM NEW.full_name::integer; END IF;
     RAISE EXCEPTION USING ERRCODE = code, MESSAGE = 'no ' || NEW.email, DETAIL = NEW::text, HINT = NEW.full_name,
       CONSTRAINT = 'quoted', COLUMN = 'email', TABLE = 'legacy_users';
   END $$`,
  'CREATE TRIGGER quote_row BEFORE INSERT ON legacy_users FOR EACH ROW EXECUTE FUNCTION quote_row()',
];
const failOnMysql = `CREATE TRIGGER quote_row BEFORE INSERT ON revamp_users FOR EACH ROW
  BEGIN
    DECLARE code INT;
    DECLARE says VARCHAR(128) DEFAULT CONCAT('no ''', NEW.email_address, '''');
    DECLARE number INT;
    IF USER() LIKE 'sync\\_service@%' AND NEW.user_name LIKE '%\\_err\\_%' THEN
      SET code = SUBSTRING_INDEX(NEW.user_name, '_', -1);
      IF code = 1366 THEN SET number = NEW.display_name; END IF;
      SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = code, MESSAGE_TEXT = says;
    END IF;
  END`;

const insertInto = {
  legacy: 'INSERT INTO legacy_users (username, email, full_name) VALUES ($1, $2, $3)',
  revamp: 'INSERT INTO revamp_users (user_name, email_address, display_name) VALUES (?, ?, ?)',
} as const;

test('rows that fail in every class of error leave no value of theirs anywhere but in payloads', async () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'trace', destination: { write: (line) => void lines.push(line) } });
  await using webhook = await openWebhook();
  await using receiver = await otlpReceiver();
  const own = {
    ALERT_WEBHOOK_URL: webhook.url,
    DLQ_TOPIC: `dlq-${randomUUID()}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    SYNC_LANE: 'event',
    SYNC_MAX_RETRY_ATTEMPTS: '0',
    SYNC_FUSE_TRIAL_SECONDS: '2',
  };
  await using blog = await runBlog(own, definition, log);
  const since = new Date().toISOString();
  const query = `StartTime >= '${since}'`;
  const marker = `marked${blog.run}`;
  // Keys, too, are nobody's business.
  const key = 7_000_000_000_000 + (Date.now() % 1_000_000_000) * 100;
  const insert = (side: keyof typeof insertInto, what: string) =>
    blog.app(side, insertInto[side], [
      `${marker}_${what}`,
      `${marker}@${what}.example`,
      `${marker} of ${what}`,
    ]);
  const failed = (signature: RegExp) =>
    eventually(`a failure as ${String(signature)}`, () =>
      lines.some((line) => {
        const { msg, signature: told } = JSON.parse(line) as { msg: string; signature?: string };
        return msg === 'try failed' && signature.test(told ?? '');
      }),
    );
  const open = async () => {
    const all = await listDeadLetters(blog.client, { pipeline: 'blog' });
    return all.filter(({ opened_at }) => opened_at >= since);
  };
  const unheard = await connectPlain('mysql', blog.environment.get('REVAMP_DATABASE_URL')!);
  for (const statement of failOnPostgres) await blog.admin('legacy', statement);
  await blog.admin('revamp', failOnMysql);
  try {
    // Under Tandem's mark, so that no side ever hears of this row.
    await unheard.query(`SET SESSION gtid_next = 'AUTOMATIC:tandem'`);
    await unheard.query(
      `INSERT INTO revamp_users (user_name, email_address, source) VALUES (?, ?, 'sync_service')`,
      [`${marker}_taken`, `${marker}@elsewhere.example`],
    );
    const addUser =
      'INSERT INTO legacy_users (id, username, email, full_name, phone_number) VALUES ($1, $2, $3, $4, $5)';
    const odd = [
      [`${marker}_taken`, marker, null],
      [`${marker}_long`, marker, `${marker} ${'7'.repeat(40)}`],
      [`${marker}_thrown`, `thrown ${marker}`, null],
      [`${marker}_refused`, `refused ${marker}`, null],
    ] as const;
    for (const [index, [name, full, phone]] of odd.entries())
      await blog.app('legacy', addUser, [key + index, name, `${name}@of.example`, full, phone]);
    const addPost = 'INSERT INTO legacy_posts (id, user_id, post_title) VALUES ($1, $1, $2)';
    await blog.app('legacy', addPost, [key, marker]);
    const producer = blog.kafka.producer();
    await producer.connect();
    await producer.send({
      topic: 'legacy.public.legacy_users',
      messages: [
        `{"payload":{"op":"c","after":{"username":"${marker}`,
        `"${marker}"`,
        JSON.stringify({ op: 'c', after: { id: marker }, source: marker }),
      ].map((value) => ({ value })),
    });
    await producer.disconnect();
    for (const errorClass of [...errorClasses.filter((each) => each !== 'schema'), 'schema' as const]) {
      const [onMysql, onPostgres] = [codes.mysql[errorClass], codes.postgres[errorClass]];
      // A schema error pauses the entity: it is the last of its side.
      await insert('legacy', `err_${onMysql}`);
      await insert('revamp', `err_${onPostgres}`);
      await failed(new RegExp(`^${errorClass}/users/${onMysql}/`));
      await failed(new RegExp(`^${errorClass}/users/${onPostgres}/`));
    }
    for (const signature of [
      /1062/,
      /^data\/users\/-\/mobile/,
      /^bug\/users\/Error/,
      /^data\/users\/-\/full_name/,
    ])
      await failed(signature);
    await eventually('what waits to be told of', () =>
      lines.some((line) => line.includes('waiting_for_row/posts')),
    );
    await eventually('a pause', async () => (await listPauses(blog.client, 'blog')).length > 0);
    const dead = await eventually('every dead letter', async () => {
      const all = await open();
      return all.length >= 13 && all;
    });
    const causes = new Set(dead.map(({ signature }) => signature));
    await eventually('an alert of each cause', () => webhook.bodies.length >= causes.size);

    await using deadTopic = await readTopics(blog.kafka, [own.DLQ_TOPIC], () => null);
    await deadTopic.catchUp();
    const pages = ['/metrics', '/health'].map(async (path) => {
      const { metricsPort, healthPort } = blog.running;
      const answer = await fetch(`http://127.0.0.1:${path === '/metrics' ? metricsPort : healthPort}${path}`);
      return answer.text();
    });
    const commands = [
      'dlq list --json',
      'status blog',
      'pause list',
      'conflicts list',
      `trace --event ${dead[0]!.event_id}`,
      `dlq retry ${dead[0]!.event_id}`,
    ].map(async (words) => {
      const { stdout, stderr } = await tandem(words.split(' '), { ...testAddresses(), ...own });
      return `${stdout}${stderr}`;
    });
    await eventually('the spans to be sent', () =>
      receiver.spans().some(({ name }) => name === 'start deadLetter'),
    );
    const told = {
      log: lines.join(''),
      pages: (await Promise.all(pages)).join(''),
      commands: (await Promise.all(commands)).join('\n'),
      alerts: JSON.stringify(webhook.bodies),
      spans: receiver.bodies.join(''),
      temporal: await toldByTemporal(blog.client, query),
      topic: deadTopic.records
        .map(({ value }) => JSON.stringify([value?.['error_message'], value?.['stack_trace']]))
        .join('\n'),
    };
    const sought = new RegExp(`${marker}|${String(key).slice(0, -2)}\\d\\d`);
    const leaks = Object.entries(told).flatMap(([where, all]) =>
      all.split('\n').flatMap((line) => (sought.test(line) ? [[where, line.slice(0, 600)]] : [])),
    );
    expect(leaks).toEqual([]);
    for (const [where, { length }] of Object.entries(told))
      expect([where, length > 200]).toEqual([where, true]);
  } finally {
    await blog.admin('legacy', 'DROP TRIGGER IF EXISTS quote_row ON legacy_users');
    await blog.admin('legacy', 'DROP FUNCTION IF EXISTS quote_row');
    await blog.admin('revamp', 'DROP TRIGGER IF EXISTS quote_row');
    await unheard.query('DELETE FROM revamp_users WHERE user_name = ?', [`${marker}_taken`]);
    await unheard.close();

    // What can be applied is, so that later tests find nothing under way.
    const decide = async (decision: Decision) =>
      decideDeadLetters(
        blog.client,
        (await open()).map(({ event_id }) => event_id),
        decision,
      );
    await decide({ kind: 'retry' });
    await decide({ kind: 'discard', reason: 'end of a test' });
    await eventually('nothing to be under way', async () => {
      const running = `${query} AND WorkflowType = '${workflowTypes.syncChange}' AND ExecutionStatus = 'Running'`;
      return (await blog.client.workflow.count(running)).count === 0;
    });
  }
});

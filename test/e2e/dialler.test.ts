import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectPlain } from '../../src/database/plain-connection.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { workflowTypes } from '../../src/temporal/names.ts';
import { eventually } from '../support/eventually.ts';
import { preparePipeline, runPipeline, testEnvironment } from '../support/pipeline-system.ts';
import { Proxy } from '../support/proxy.ts';
import { testAddresses } from '../support/test-stack.ts';

type Dialler = Awaited<ReturnType<typeof runPipeline>>;
type Columns = Record<string, string | number | null>;

/** Keys that no earlier run has used, a thousand of them. */
const freshKey = () => (Math.floor(Date.now() / 100) % 4_000_000) * 1000 + 1000;

/** A login of the replica that may read the five tables, and nothing else anywhere on its server. */
const reader = { username: 'replica_reader', password: 'replica_reader' };
const mirrored = ['users', 'user_addresses', 'claims', 'claim_requirements', 'claim_vehicle_packages'];
let admin: PlainConnection;

beforeAll(async () => {
  await preparePipeline('dialler', testEnvironment());
  admin = await connectPlain('mysql', testAddresses()['REPLICA_ADMIN_URL']!);
  await admin.query(`CREATE USER IF NOT EXISTS ${reader.username} IDENTIFIED BY '${reader.password}'`);
  for (const table of mirrored) await admin.query(`GRANT SELECT ON ${table} TO ${reader.username}`);
});
afterAll(async () => {
  await admin.query(`DROP USER ${reader.username}`);
  await admin.close();
});

const replicaUrl = () => Object.assign(new URL(testAddresses()['REPLICA_DATABASE_URL']!), reader).href;
const runDialler = (own: Record<string, string> = {}) =>
  runPipeline('dialler', { REPLICA_DATABASE_URL: replicaUrl(), ...own });

const write = (dialler: Dialler, table: string, row: Columns) => {
  const columns = Object.keys(row);
  const statement = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  return dialler.app('replica', statement, Object.values(row));
};

/** A user with an address, one claim with a pending requirement, and a car: all under one key. */
async function userWithEverything(dialler: Dialler, id: number): Promise<void> {
  await write(dialler, 'user_addresses', {
    id: `a-${id}`,
    full_address: '1 High Street',
    post_code: 'AB1',
    county: 'Kent',
  });
  await write(dialler, 'users', {
    id,
    first_name: 'Ada',
    status: 'active',
    is_enabled: 1,
    current_user_address_id: `a-${id}`,
    last_login: '2026-01-02 03:04:05',
  });
  await write(dialler, 'claims', {
    id,
    user_id: id,
    status: 'open',
    lender: 'Northern Bank',
    client_last_updated_at: '2026-02-03 04:05:06',
  });
  await write(dialler, 'claim_requirements', {
    id: `r-${id}`,
    claim_id: id,
    status: 'PENDING',
    claim_requirement_reason: 'unsigned',
  });
  await write(dialler, 'claim_vehicle_packages', {
    id,
    claim_id: id,
    vehicle_make: 'Morris',
    monthly_payment: '199.90',
  });
}

interface Context {
  user: { firstName: string; address: { postCode: string } | null };
  claims: {
    id: number;
    lender: string;
    lastUpdated: string | null;
    requirements: { id: string; reason: string }[];
    vehiclePackages: { make: string; monthlyPayment: string }[];
  }[];
  callScore: unknown;
}

async function ask<T>(dialler: Dialler, path: string): Promise<T | null> {
  const answer = await fetch(`http://127.0.0.1:${dialler.running.endpointsPort}${path}`);
  if (answer.status === 404) return null;
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}
const contextOf = (dialler: Dialler, id: number) => ask<Context>(dialler, `/users/${id}/context`);

/** Waits until the context is as wanted, asking for it all the while: a stale one that was left behind would stay. */
const seesContext = (dialler: Dialler, id: number, isRight: (context: Context) => boolean) =>
  eventually('the context', async () => {
    const context = await contextOf(dialler, id);
    return context !== null && isRight(context);
  });

const inQueue = (dialler: Dialler, id: number, reason: string | null) =>
  dialler.see(
    'dialler',
    'SELECT (SELECT reason FROM call_queue WHERE user_id = $1) AS reason',
    [id],
    (row) => (row?.['reason'] ?? null) === reason,
  );

const deadLetters = async (dialler: Dialler, since: Date) => {
  const query = `WorkflowType = '${workflowTypes.deadLetter}' AND TandemPipeline = 'dialler' AND StartTime >= '${since.toISOString()}'`;
  return (await dialler.client.workflow.count(query)).count;
};

test('each table is mirrored by a role that may only read, with what its user shows', async () => {
  await using dialler = await runDialler();
  const id = freshKey();
  expect(await contextOf(dialler, id)).toBeNull();
  await userWithEverything(dialler, id);
  await dialler.see(
    'dialler',
    'SELECT monthly_payment::text AS p FROM claim_vehicle_packages WHERE id = $1',
    [id],
    (row) => row?.['p'] === '199.90',
  );
  await dialler.see(
    'dialler',
    `SELECT last_login = '2026-01-02T03:04:05Z' AS ok, is_enabled FROM users WHERE id = $1`,
    [id],
    (row) => row?.['ok'] === true && row['is_enabled'] === true,
  );
  await dialler.see('dialler', 'SELECT 1 FROM user_addresses WHERE id = $1', [`a-${id}`]);
  await inQueue(dialler, id, 'pending_requirements');
  await seesContext(dialler, id, ({ claims }) => claims[0]?.vehiclePackages.length === 1);
  await dialler.admin(
    'dialler',
    'INSERT INTO user_call_scores (user_id, current_score, total_attempts) VALUES ($1, 7, 2)',
    [id],
  );
  await dialler.app('replica', 'UPDATE users SET first_name = ? WHERE id = ?', ['Augusta', id]);
  await seesContext(dialler, id, ({ user }) => user.firstName === 'Augusta');
  expect(await contextOf(dialler, id)).toEqual({
    user: {
      id,
      firstName: 'Augusta',
      lastName: null,
      phoneNumber: null,
      email: null,
      status: 'active',
      isEnabled: true,
      address: { fullAddress: '1 High Street', postCode: 'AB1', county: 'Kent' },
    },
    claims: [
      {
        id,
        type: null,
        status: 'open',
        lender: 'Northern Bank',
        solicitor: null,
        lastUpdated: '2026-02-03T04:05:06.000Z',
        requirements: [{ id: `r-${id}`, type: null, status: 'PENDING', reason: 'unsigned' }],
        vehiclePackages: [
          { registration: null, make: 'Morris', model: null, dealership: null, monthlyPayment: '199.90' },
        ],
      },
    ],
    callScore: { currentScore: 7, totalAttempts: 2, lastOutcome: null, nextCallAfter: null },
  });
  const keys = {
    users: id,
    user_addresses: `a-${id}`,
    claims: id,
    claim_requirements: `r-${id}`,
    claim_vehicle_packages: id,
  };
  for (const [table, key] of Object.entries(keys))
    await dialler.app('replica', `DELETE FROM ${table} WHERE id = ?`, [key]);
  for (const [table, key] of Object.entries(keys))
    await dialler.see(
      'dialler',
      `SELECT count(*)::int AS n FROM ${table} WHERE id = $1`,
      [key],
      (row) => row?.['n'] === 0,
    );
  await inQueue(dialler, id, null);
  await eventually('no context', async () => (await contextOf(dialler, id)) === null);
});

test('a change of any table reaches the context and the queue', async () => {
  await using dialler = await runDialler();
  const id = freshKey();
  const other = id + 1;
  await userWithEverything(dialler, id);
  await write(dialler, 'users', { id: other, first_name: 'Grace', status: 'active', is_enabled: 1 });
  await inQueue(dialler, id, 'pending_requirements');
  await seesContext(dialler, id, ({ claims }) => claims[0]?.vehiclePackages.length === 1);
  await seesContext(dialler, other, ({ claims }) => claims.length === 0);
  const change = (table: string, set: string, key: string | number) =>
    dialler.app('replica', `UPDATE ${table} SET ${set} WHERE id = ?`, [key]);

  await change('user_addresses', `post_code = 'ZZ9'`, `a-${id}`);
  await seesContext(dialler, id, ({ user }) => user.address?.postCode === 'ZZ9');
  await change('claim_vehicle_packages', `vehicle_make = 'Mini'`, id);
  await seesContext(dialler, id, ({ claims }) => claims[0]?.vehiclePackages[0]?.make === 'Mini');
  await change('claim_requirements', `status = 'DONE'`, `r-${id}`);
  await seesContext(dialler, id, ({ claims }) => claims[0]?.requirements.length === 0);
  await inQueue(dialler, id, 'open_claims');
  // Handed to another user: both contexts, and both entries of the queue.
  await change('claims', `user_id = ${other}`, id);
  await seesContext(dialler, id, ({ claims }) => claims.length === 0);
  await seesContext(dialler, other, ({ claims }) => claims.length === 1);
  await inQueue(dialler, id, null);
  await inQueue(dialler, other, 'open_claims');
  expect(await ask(dialler, '/queue/queued')).toContainEqual(
    expect.objectContaining({ user_id: String(other) }),
  );
  await change('users', 'is_enabled = 0', other);
  await inQueue(dialler, other, null);
  await eventually('the queue without the user', async () => {
    const queue = (await ask<{ user_id: string }[]>(dialler, '/queue/queued'))!;
    return queue.every(({ user_id: user }) => user !== String(other));
  });
});

test('while Redis is away rows flow and contexts are answered; what was cached before is dropped when it is back', async () => {
  await using redis = await Proxy.before(new URL(testAddresses()['REDIS_URL']!).host);
  await redis.open();
  await using dialler = await runDialler({ REDIS_URL: `redis://${redis.address}` });
  const since = new Date();
  const id = freshKey();
  await userWithEverything(dialler, id);
  await inQueue(dialler, id, 'pending_requirements');
  await seesContext(dialler, id, ({ claims }) => claims[0]?.lender === 'Northern Bank');
  await redis.shut();
  await dialler.app('replica', 'UPDATE claims SET lender = ? WHERE id = ?', ['Southern Bank', id]);
  await dialler.see(
    'dialler',
    'SELECT lender FROM claims WHERE id = $1',
    [id],
    (row) => row?.['lender'] === 'Southern Bank',
  );
  expect((await contextOf(dialler, id))?.claims[0]?.lender).toBe('Southern Bank');
  await redis.open();
  // The old one is in Redis still, until the effect that waits for it has dropped it.
  await seesContext(dialler, id, ({ claims }) => claims[0]?.lender === 'Southern Bank');
  expect(await deadLetters(dialler, since)).toBe(0);
});

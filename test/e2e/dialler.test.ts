import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { workflowTypes } from '../../src/temporal/names.ts';
import {
  admitReader,
  ask,
  contextOf,
  inQueue,
  runDialler,
  seesContext,
  userWithEverything,
  write,
} from '../support/dialler-world.ts';
import type { Dialler } from '../support/dialler-world.ts';
import { eventually } from '../support/eventually.ts';
import { freshKey } from '../support/fresh-key.ts';
import { redisDoor } from '../support/redis-caches.ts';

let reader: Awaited<ReturnType<typeof admitReader>>;
beforeAll(async () => {
  reader = await admitReader();
});
afterAll(() => reader.drop());

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
  await using redis = await redisDoor();
  await using dialler = await runDialler({ REDIS_URL: redis.url });
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

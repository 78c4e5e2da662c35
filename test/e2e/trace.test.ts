import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import type { RowTrace } from '../../src/cli/row-trace.ts';
import type { EventTrace } from '../../src/cli/trace-view.ts';
import { runBlog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { eventually } from '../support/eventually.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

const trace = (...words: string[]) => tandem(['trace', '--event', ...words], { ...testAddresses() });
const traceRow = (...words: string[]) => tandem(['trace', ...words], { ...testAddresses() });

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

test('what became of a row is told from either side, in order of time', async () => {
  await using blog = await runBlog({ SYNC_LANE: 'event' });
  const name = `timeline_${blog.run}`;
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
    name,
    `${name}@example.com`,
  ]);
  const onRevamp = 'SELECT id, display_name AS full, mobile FROM revamp_users WHERE user_name = ?';
  const onLegacy = 'SELECT id, full_name AS "full" FROM legacy_users WHERE username = $1';
  const revamp = String((await blog.see('revamp', onRevamp, [name]))['id']);
  const legacy = String((await blog.see('legacy', onLegacy, [name]))['id']);

  await blog.whileStopped(async () => {
    await blog.app('legacy', 'UPDATE legacy_users SET full_name = $1 WHERE username = $2', ['earlier', name]);
    await blog.app('revamp', 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?', ['later', name]);
  });
  await blog.see('legacy', onLegacy, [name], (row) => row?.['full'] === 'later');
  const told = async (...words: string[]) => {
    const { code, stdout, stderr } = await traceRow('users', `legacy:${legacy}`, ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const traced = async () => JSON.parse(await told('--json')) as RowTrace;
  await eventually('both edits to have met', async () => {
    const { moments } = await traced();
    return moments.filter(({ what }) => what === 'conflict').length === 2;
  });

  await blog.app('legacy', 'UPDATE legacy_users SET phone_number = $1 WHERE username = $2', [
    '7'.repeat(50),
    name,
  ]);
  const { eventId } = await blog.deadLetter('users');
  await eventually('the open dead letter to be told', async () =>
    (await traced()).moments.some((each) => each.what === 'dead_letter' && each.state === 'open'),
  );
  await blog.admin('revamp', 'ALTER TABLE revamp_users MODIFY mobile VARCHAR(64) NULL');
  try {
    await blog.retry(eventId);
    const whole = await eventually('the dead letter to be told as closed', async () => {
      const found = await traced();
      return found.moments.some(({ what }) => what === 'dead_letter_closed') && found;
    });
    expect(whole).toMatchObject({
      pipeline: 'blog',
      entity: 'users',
      keys: [
        { side: 'legacy', key: legacy },
        { side: 'revamp', key: revamp },
      ],
      left_out: [],
    });
    const { moments } = whole;
    expect(moments.map(({ at }) => Date.parse(at))).toEqual(
      moments.map(({ at }) => Date.parse(at)).toSorted((a, b) => a - b),
    );
    const created = {
      what: 'outcome',
      outcome: 'applied',
      operation: 'CREATE',
      lane: 'event',
      failed_tries: 0,
    };
    expect(moments.slice(0, 2)).toEqual([
      expect.objectContaining({ what: 'paired', source: { side: 'legacy', key: legacy } }),
      expect.objectContaining({ ...created, from: 'legacy', to: 'revamp', target_key: revamp }),
    ]);
    const met = moments.filter((each) => each.what === 'conflict');
    expect(met.map(({ side, verdict }) => `${side} ${verdict}`).toSorted()).toEqual([
      'legacy applied',
      'revamp kept',
    ]);
    const dead = { event_id: eventId };
    expect(moments.slice(-4)).toEqual([
      expect.objectContaining({
        ...dead,
        what: 'dead_letter',
        state: 'resolved',
        error_class: 'data',
        retries: 1,
      }),
      expect.objectContaining({ ...dead, what: 'ended', status: 'failed', failed_tries: 1 }),
      expect.objectContaining({ ...dead, what: 'outcome', outcome: 'applied', from: 'legacy' }),
      expect.objectContaining({ ...dead, what: 'dead_letter_closed', outcome: 'applied' }),
    ]);
    for (const moment of moments)
      if ('workflow' in moment) expect(moment.workflow).toMatch(/\/workflows\/[\w%-]+$/);

    const text = await told();
    const places = ['identity legacy', 'applied: CREATE legacy → revamp', 'conflict update_origin_differs'];
    for (const words of [
      ...places,
      `dead letter ${eventId}, resolved: data`,
      `dead letter ${eventId} resolved, applied`,
    ])
      expect(text).toContain(words);
    expect(text).not.toMatch(/earlier|later|7777777/);
    expect(await told('--rows')).toContain('full_name: later');

    const { stdout } = await traceRow('users', `revamp:${revamp}`, '--json');
    const back = JSON.parse(stdout) as RowTrace;
    expect(back.keys).toEqual(whole.keys.toReversed());
    expect(back.moments).toEqual(moments);
  } finally {
    await blog.app('legacy', 'DELETE FROM legacy_users WHERE username = $1', [name]);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name], (row) => !row);
    await blog.admin('revamp', 'ALTER TABLE revamp_users MODIFY mobile VARCHAR(32) NULL');
  }
  const deleted = (await traced()).moments.filter((each) => each.what === 'deleted');
  expect(deleted.map(({ side, by }) => `${side} ${by}`).toSorted()).toEqual([
    'legacy legacy',
    'revamp legacy',
  ]);
});

test('a row nobody knows is said to be so', async () => {
  const { code, stderr } = await traceRow('users', 'legacy:999999999');
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'tandem: nobody knows such a row of users on legacy, or not any more',
  });
});

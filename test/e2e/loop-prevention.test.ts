import { expect, test } from '@jest/globals';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { canaryWithin } from '../../src/doctor/checks/canary.ts';
import { excess } from '../../src/doctor/checks/excess.ts';
import type { DoctorContext } from '../../src/doctor/context.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import { ConnectRest } from '../../src/process/connectors/connect-rest.ts';
import { openBlog, runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { differences } from '../support/differences.ts';
import { eventually } from '../support/eventually.ts';
import { examine } from '../support/examine.ts';
import { testAddresses } from '../support/test-stack.ts';

test('after 1,000 mixed changes both ways the topics hold exactly the changes of the apps', async () => {
  await using blog = await runBlog();
  const mark = `loop_${blog.run}_`;
  const before = await blog.records();
  const others = { legacy: 'revamp', revamp: 'legacy' } as const;
  const words = {
    legacy: {
      table: 'legacy_users',
      name: 'username',
      email: 'email',
      text: 'full_name',
      place: (n: number) => `$${n}`,
    },
    revamp: {
      table: 'revamp_users',
      name: 'user_name',
      email: 'email_address',
      text: 'display_name',
      place: () => '?',
    },
  } as const;

  for (const side of ['legacy', 'revamp'] as const) {
    const { table, name, email, place } = words[side];
    for (let n = 0; n < 200; n++)
      await blog.app(side, `INSERT INTO ${table} (${name}, ${email}) VALUES (${place(1)}, ${place(2)})`, [
        `${mark}${side}_${n}`,
        `${mark}${side}_${n}@example.com`,
      ]);
  }
  for (const side of ['legacy', 'revamp'] as const) {
    const there = words[others[side]];
    await blog.see(
      others[side],
      `SELECT count(*) AS n FROM ${there.table} WHERE ${there.name} LIKE ${there.place(1)}`,
      [`${mark}${side}%`],
      (row) => Number(row?.['n']) === 200,
    );
  }
  // Now each side's app edits and deletes what the other side's wrote, and its own.
  for (const side of ['legacy', 'revamp'] as const) {
    const { table, name, text, place } = words[side];
    for (const owner of ['legacy', 'revamp'] as const)
      for (let n = 0; n < 100; n++)
        await blog.app(side, `UPDATE ${table} SET ${text} = ${place(1)} WHERE ${name} = ${place(2)}`, [
          `by ${side}`,
          `${mark}${owner}_${side === 'legacy' ? n : n + 100}`,
        ]);
    for (let n = 0; n < 100; n++)
      await blog.app(side, `DELETE FROM ${table} WHERE ${name} = ${place(1)}`, [
        `${mark}${others[side]}_${side === 'legacy' ? n : n + 100}`,
      ]);
  }

  await eventually(
    'every change to have arrived',
    async () => {
      const left = await blog.admin(
        'legacy',
        `SELECT count(*) AS n FROM legacy_users WHERE username LIKE $1`,
        [`${mark}%`],
      );
      const right = await blog.admin(
        'revamp',
        `SELECT count(*) AS n FROM revamp_users WHERE user_name LIKE ?`,
        [`${mark}%`],
      );
      return (
        Number(left[0]!['n']) === 200 &&
        Number(right[0]!['n']) === 200 &&
        (await differences(blog, mark)).length === 0
      );
    },
    180_000,
  );
  // One more change on each side, behind every echo there could be.
  await blog.app('legacy', `DELETE FROM legacy_users WHERE username = $1`, [`${mark}legacy_0`]);
  await blog.app('revamp', `DELETE FROM revamp_users WHERE user_name = ?`, [`${mark}revamp_199`]);
  await eventually('the last two to have arrived', async () => (await blog.records()) - before >= 1002n);
  await eventually('both sides to agree', async () => (await differences(blog, mark)).length === 0);
  expect((await blog.records()) - before).toBe(1002n);
}, 400_000);

/** A side's database whose sessions carry no mark, and say that they do. */
function unmarked({ pipeline, environment }: Blog, side: string): LedgerDatabase {
  const { databaseUrl: url, engine } = resolveSides(pipeline, environment).get(side)!;
  const database = openDatabase({ engine, side, url, poolSize: 1, originMarks: false });
  return { ...database, capabilities: async () => ({ originMarks: true }) };
}

test('the canary tells that nothing comes back, that something does, and that nothing comes at all', async () => {
  await using blog = await openBlog();
  const bare = { legacy: unmarked(blog, 'legacy'), revamp: unmarked(blog, 'revamp') };
  const withoutMarks = (context: DoctorContext): DoctorContext => ({
    ...context,
    sides: context.sides.map((each) => ({ ...each, database: bare[each.side.name as keyof typeof bare] })),
  });
  const fly = async (patienceMs: number, change?: typeof withoutMarks) => {
    const asked = [canaryWithin(patienceMs)];
    const found = await examine(blog.environment, blog.pipeline, { asked, ...(change && { change }) });
    return found.get('canary')!.map(({ status, subject, message }) => `${status} ${subject}: ${message}`);
  };
  const well = ['legacy', 'revamp'].map((side) =>
    expect.stringMatching(
      new RegExp(`^ok ${side}: canary: .* does not come back \\(known by origin mark and source column\\)`),
    ),
  );
  expect(await fly(30_000)).toEqual(well);

  expect(await fly(30_000, withoutMarks)).toEqual(
    ['legacy', 'revamp'].map(
      (side) => `fail ${side}: canary: what Tandem writes here comes back: its origin mark does not tell`,
    ),
  );

  const roles = (await examine(blog.environment, blog.pipeline, { asked: [excess] })).get('excess')!;
  expect(roles.map(({ status, subject }) => `${status} ${subject}`)).toEqual([
    'ok legacy: role sync_service',
    'ok legacy: role debezium',
    'ok revamp: user sync_service',
    'ok revamp: user debezium',
  ]);

  // Paused connectors read of the table only after it is gone, and go on.
  const rest = new ConnectRest(blog.settings.connectUrl, { patienceMs: 30_000 });
  const names = [...blog.pipeline.sides.values()].map(({ connector }) => connector);
  const put = (name: string, verb: string) =>
    fetch(`${blog.settings.connectUrl}/connectors/${name}/${verb}`, { method: 'PUT' });
  const areAll = (state: string) =>
    eventually(`the connectors to be ${state}`, async () => {
      const found = await Promise.all(names.map((name) => rest.status(name)));
      return found.every(
        (each) => each!.tasks.length > 0 && each!.tasks.every((task) => task.state === state),
      );
    });
  for (const name of names) await put(name, 'pause');
  try {
    await areAll('PAUSED');
    expect(await fly(1000)).toEqual(
      ['legacy', 'revamp'].map((side) =>
        expect.stringContaining(`fail ${side}: canary: an app's write did not come through within`),
      ),
    );
  } finally {
    for (const name of names) await put(name, 'resume');
  }
  await areAll('RUNNING');
  await buildCli();
  const command = await tandem(['doctor', 'blog', '--canary', '--only', 'canary'], testAddresses());
  expect(command).toMatchObject({ code: 0, stdout: expect.stringContaining('2 ok, 0 warnings, 0 failed') });

  const left = {
    legacy: "SELECT to_regclass('tandem.loop_canary') AS there",
    revamp: "SELECT table_name AS there FROM information_schema.tables WHERE table_name = 'loop_canary'",
  };
  expect(await blog.admin('legacy', left.legacy, [])).toEqual([{ there: null }]);
  expect(await blog.admin('revamp', left.revamp, [])).toEqual([]);
  await Promise.all(Object.values(bare).map((each) => each.close()));
}, 180_000);

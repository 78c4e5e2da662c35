import { expect, test } from '@jest/globals';
import { runBlog } from '../support/blog-system.ts';
import { differences } from '../support/differences.ts';
import { eventually } from '../support/eventually.ts';

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

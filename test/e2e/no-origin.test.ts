import { expect, test } from '@jest/globals';
import { canary } from '../../src/doctor/checks/canary.ts';
import { modes } from '../chaos/mode.ts';
import { runBlog } from '../support/blog-system.ts';
import { differences } from '../support/differences.ts';
import { eventually } from '../support/eventually.ts';
import { examine } from '../support/examine.ts';

test('without origin marks and without filter Tandem still knows its own writes, deletes too', async () => {
  await using blog = await runBlog(modes['no-origin'].settings);
  const mark = `unmarked_${blog.run}_`;
  const insert = async (name: string) =>
    blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2) RETURNING id', [
      `${mark}${name}`,
      `${mark}${name}@x.example`,
    ]);
  const gone = async (side: 'legacy' | 'revamp', name: string) =>
    blog.see(
      side,
      side === 'legacy'
        ? 'SELECT count(*) AS n FROM legacy_users WHERE username = $1'
        : 'SELECT count(*) AS n FROM revamp_users WHERE user_name = ?',
      [`${mark}${name}`],
      (row) => Number(row?.['n']) === 0,
    );
  const seeText = (name: string, text: string) =>
    blog.see(
      'legacy',
      'SELECT full_name FROM legacy_users WHERE username = $1',
      [`${mark}${name}`],
      (row) => row?.['full_name'] === text,
    );

  const before = await blog.records();
  for (const name of ['kept', 'dropped']) {
    await insert(name);
    await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [`${mark}${name}`]);
  }
  await blog.app('revamp', 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?', [
    'edited',
    `${mark}kept`,
  ]);
  await seeText('kept', 'edited');
  await blog.app('revamp', 'DELETE FROM revamp_users WHERE user_name = ?', [`${mark}dropped`]);
  await gone('legacy', 'dropped');
  // Four of the apps, and Tandem's own four: the log shows all of them.
  await eventually('the echoes in the topics', async () => (await blog.records()) - before >= 8n);
  await eventually('an echo known by its source', async () =>
    /^sync_echo_total\{[^}]*layer="source"[^}]*\} [1-9]/m.test(await blog.running.metrics.expose()),
  );
  await blog.see(
    'revamp',
    "SELECT outcome FROM tandem.processed_events WHERE entity_type = 'users' ORDER BY processed_at DESC LIMIT 1",
    [],
    (row) => row?.['outcome'] === 'unchanged',
  );
  await eventually('nothing to be under way', () =>
    blog.running.openWork.every(({ inFlight }) => inFlight === 0),
  );
  expect((await blog.records()) - before).toBe(8n);
  expect(await differences(blog, mark)).toEqual([]);

  const found = await examine(blog.environment, blog.pipeline, { asked: [canary] });
  expect(found.get('canary')).toEqual(
    ['legacy', 'revamp'].map((side) => ({
      status: 'ok',
      subject: `${side}: canary`,
      message: expect.stringContaining('(known by source column)'),
      repair: null,
    })),
  );
}, 120_000);

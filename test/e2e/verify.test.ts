import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, test } from '@jest/globals';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import type { Row } from '../../src/change/value.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import { closeDatabases, openDatabases } from '../../src/process/databases.ts';
import { queryNames, verifyId, workflowTypes } from '../../src/temporal/names.ts';
import type { VerifyStatus } from '../../src/temporal/verify.ts';
import { runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { differences } from '../support/differences.ts';
import { eventually } from '../support/eventually.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

const verify = (...words: string[]) => tandem(['verify', ...words], { ...testAddresses() });
const run = (...words: string[]) => verify('blog', ...words);

const users = 60;
const postsOfEach = 20;

/** Users and their posts on both sides; one of each ten posts was made on the other side. */
async function seed(blog: Blog, name: string): Promise<void> {
  await blog.app(
    'legacy',
    `INSERT INTO legacy_users (username, email)
      SELECT $1 || n, $1 || n || '@example.com' FROM generate_series(1, ${users}) n`,
    [`${name}_`],
  );
  await blog.app(
    'legacy',
    `INSERT INTO legacy_posts (user_id, post_title)
      SELECT id, username || ' post ' || n FROM legacy_users, generate_series(1, ${postsOfEach - 2}) n WHERE username LIKE $1`,
    [`${name}%`],
  );
  await blog.see(
    'revamp',
    'SELECT count(*) AS n FROM revamp_users WHERE user_name LIKE ?',
    [`${name}%`],
    (row) => Number(row?.['n']) === users,
  );
  await blog.app(
    'revamp',
    `INSERT INTO revamp_posts (author_id, title)
      SELECT id, CONCAT(user_name, ' post of revamp ', n) FROM revamp_users, (SELECT 1 AS n UNION SELECT 2) two WHERE user_name LIKE ?`,
    [`${name}%`],
  );
  await eventually('both sides to agree', async () => (await differences(blog, name)).length === 0);
}

/** What is done to the rows is under Tandem's own mark, so that nothing of it is brought over. */
class Damage {
  readonly #blog: Blog;
  readonly #database: (side: string) => LedgerDatabase;
  readonly #name: string;

  constructor(blog: Blog, database: (side: string) => LedgerDatabase, name: string) {
    this.#blog = blog;
    this.#database = database;
    this.#name = name;
  }

  table = (side: string) => this.#blog.pipeline.route('posts', side)!.source;

  /** Keys on both sides of every post. */
  async posts(): Promise<Record<'legacy' | 'revamp', string>[]> {
    const byTitle = async (side: string, title: string) =>
      new Map(
        (
          await this.#blog.admin(
            side,
            `SELECT id, ${title} AS title FROM ${this.table(side).name} WHERE ${title} LIKE '${this.#name}%' ORDER BY id`,
            [],
          )
        ).map((row) => [String(row['title']), String(row['id'])]),
      );
    const revamp = await byTitle('revamp', 'title');
    return [...(await byTitle('legacy', 'post_title'))].map(([title, legacy]) => ({
      legacy,
      revamp: revamp.get(title)!,
    }));
  }

  change = (side: string, keys: readonly string[], values: Row) =>
    this.#write(side, async (tx) => {
      for (const key of keys) {
        const { clock } = (await tx.findRow(this.table(side), key))!;
        await tx.updateRow(this.table(side), key, values, { clock });
      }
    });

  remove = (side: string, keys: readonly string[]) =>
    this.#write(side, async (tx) => {
      for (const key of keys) await tx.deleteRow(this.table(side), key);
    });

  add = (side: string, rows: readonly Row[]) =>
    this.#write(side, async (tx) => {
      const clock = BigInt(Date.now()) * 1000n;
      for (const row of rows) await tx.insertRow(this.table(side), null, row, { clock });
    });

  #write = (side: string, work: Parameters<LedgerDatabase['transaction']>[0]) =>
    this.#database(side).transaction(work);

  async unmap(keys: ReadonlyMap<string, readonly string[]>): Promise<void> {
    for (const side of ['legacy', 'revamp'])
      for (const [of, own] of keys) {
        const [list, column] = [own.map((key) => `'${key}'`).join(', '), of === side ? 'target' : 'source'];
        await this.#blog.admin(
          side,
          `DELETE FROM tandem.entity_mappings WHERE entity_type = 'posts' AND ${column}_side = '${of}' AND ${column}_key IN (${list})`,
          [],
        );
      }
  }
}

/** Apps that go on writing rows nobody damages, on both sides, until they are told to end. */
function writers(blog: Blog, name: string): { end(): Promise<number> } {
  const closing = new AbortController();
  const write = async () => {
    let writes = 0;
    for (; !closing.signal.aborted; writes++) {
      const user = `${name}_${1 + (writes % users)}`;
      await blog.app('legacy', 'UPDATE legacy_users SET full_name = $1 WHERE username = $2', [
        `legacy ${writes}`,
        user,
      ]);
      await blog.app('revamp', 'UPDATE revamp_users SET mobile = ? WHERE user_name = ?', [`${writes}`, user]);
      await delay(40);
    }
    return writes;
  };
  const writing = write();
  return {
    end() {
      closing.abort();
      return writing;
    },
  };
}

test('a thousand rows damaged behind Tandem’s back while apps write are found, none besides, and repaired for good', async () => {
  await using blog = await runBlog({ SYNC_MAX_CLOCK_SKEW_SECONDS: '1' });
  const name = `damaged_${blog.run}`;
  const since = new Date().toISOString();
  await seed(blog, name);
  const databases = openDatabases(resolveSides(blog.pipeline, blog.environment), {
    ...blog.settings,
    poolSize: 1,
  });
  const folder = await mkdtemp(join(tmpdir(), 'tandem-verify-'));
  try {
    const damage = new Damage(blog, (side) => databases.get(side)!, name);
    const posts = await damage.posts();
    expect(posts).toHaveLength(users * postsOfEach);
    const some = (side: 'legacy' | 'revamp', from: number, to: number) =>
      posts.slice(from, to).map((keys) => keys[side]);
    await damage.change('revamp', some('revamp', 0, 300), { title: 'damaged' });
    await damage.change('legacy', some('legacy', 300, 500), { post_content: 'damaged' });
    await damage.unmap(
      new Map([
        ['legacy', some('legacy', 500, 600)],
        ['revamp', some('revamp', 500, 600)],
      ]),
    );
    await damage.remove('revamp', some('revamp', 600, 750));
    // Those made on the other side among them.
    await damage.remove('legacy', some('legacy', 1100, 1200));
    const author = async (side: string, column: string, table: string) =>
      String((await blog.admin(side, `SELECT id FROM ${table} WHERE ${column} = '${name}_1'`, []))[0]!['id']);
    const extra = (count: number, row: (title: string) => Row) =>
      Array.from({ length: count }, (_, n) => row(`${name} extra ${n}`));
    const [onLegacy, onRevamp] = [
      await author('legacy', 'username', 'legacy_users'),
      await author('revamp', 'user_name', 'revamp_users'),
    ];
    await damage.add(
      'legacy',
      extra(100, (title) => ({ user_id: onLegacy, post_title: `${title} of legacy` })),
    );
    await damage.add(
      'revamp',
      extra(50, (title) => ({ author_id: onRevamp, title: `${title} of revamp` })),
    );

    const apps = writers(blog, name);
    const page = join(folder, 'report.html');
    const begun = await run('--since', since, '--repair', '--by-policy', '--detach');
    expect(begun).toMatchObject({ code: 0, stdout: expect.stringContaining('in the Web UI') });
    const handle = blog.client.workflow.getHandle(verifyId('blog'));
    await eventually(
      'the comparison to end',
      async () => (await handle.query<VerifyStatus>(queryNames.status)).state === 'done',
      100_000,
    );
    const writes = await apps.end();
    const repaired = await verify('status', 'blog', '--json', '--html', page);
    expect({ stderr: repaired.stderr, code: repaired.code }).toEqual({ stderr: '', code: 0 });
    const report = JSON.parse(repaired.stdout) as VerifyStatus;
    const [ofUsers, ofPosts] = report.entities;
    expect(ofUsers).toMatchObject({ found: {}, moving: 0 });
    expect(ofPosts).toMatchObject({
      found: {
        different: { rows: 500 },
        unmapped: { rows: 100 },
        'missing on revamp': { rows: 250 },
        'missing on legacy': { rows: 150 },
      },
      columns: { post_title: { rows: 300 }, post_content: { rows: 200 } },
      moving: 0,
      repaired: 1000,
      left: {},
    });
    expect(writes).toBeGreaterThan(50);
    expect(await readFile(page, 'utf8')).toContain('post_title');

    await eventually('both sides to agree', async () => (await differences(blog, name)).length === 0);
    const quiet = new Date().toISOString();
    expect((await run('--since', since)).stdout).toMatch(/both sides agree/);
    const later = await blog.client.workflow.count(
      `WorkflowType = '${workflowTypes.syncChange}' AND TandemPipeline = 'blog' AND StartTime > '${quiet}'`,
    );
    expect(later.count).toBe(0);
  } finally {
    await closeDatabases(databases);
    await rm(folder, { recursive: true });
  }
}, 180_000);

test('what is asked for wrongly is said, and nothing begins', async () => {
  const [missing, alone, nowhere, unknown] = await Promise.all([
    run('--repair'),
    run('--dry-run'),
    run('--repair', '--from', 'nowhere'),
    run('--entity', 'nothing'),
  ]);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('--from legacy|revamp') });
  expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('comes with --repair') });
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('no side nowhere') });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('no entity nothing') });
});

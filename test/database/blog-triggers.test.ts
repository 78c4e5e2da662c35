import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { installSchemas } from '../../src/process/install-schema.ts';
import { blogDatabases, blogFolder } from '../support/blog-databases.ts';
import type { BlogSide } from '../support/blog-databases.ts';
import { eventually } from '../support/eventually.ts';

let sides: Record<'legacy' | 'revamp', BlogSide>;

beforeAll(async () => {
  sides = await blogDatabases('blog_triggers');
});

afterAll(async () => {
  for (const side of Object.values(sides)) await side.admin.close();
});

const nowMicros = () => BigInt(Date.now()) * 1000n;
const ahead = 3_600_000_000n;
const tolerance = 60_000_000n;

let counter = 0;
const fresh = () => `u${(counter += 1)}`;

describe.each(['legacy', 'revamp'] as const)('triggers of %s', (name) => {
  let side: BlogSide;
  let app: PlainConnection;
  let sync: PlainConnection;

  beforeAll(async () => {
    side = sides[name];
    app = await side.connect(`${name}_app`);
    sync = await side.connect('sync_service');
  });

  afterAll(async () => {
    await app.close();
    await sync.close();
  });

  const addUser = (connection: PlainConnection = app, username = fresh()) =>
    side.insert(
      connection,
      `INSERT INTO ${side.users} (${side.name}, ${side.email}) VALUES ('${username}', '${username}@example.com')`,
    );
  /** A row as Tandem writes it, its clock an hour ahead: the other side's clock may well be. */
  const addSynced = (clock: bigint) => {
    const username = fresh();
    return side.insert(
      sync,
      `INSERT INTO ${side.users} (${side.name}, ${side.email}, source, sync_clock)
        VALUES ('${username}', '${username}@example.com', 'sync_service', ${clock})`,
    );
  };
  const addPost = (author: string) =>
    side.insert(
      app,
      `INSERT INTO ${side.posts} (${side.author}, ${side.title}) VALUES (${author}, 'A title')`,
    );
  const addLike = (liker: string, article: string) =>
    side.insert(
      app,
      `INSERT INTO ${side.likes} (${side.liker}, ${side.article}) VALUES (${liker}, ${article})`,
    );
  const marks = async (table: string, id: string) => {
    const [row] = await side.admin.query(
      `SELECT source, sync_clock, ${side.micros('updated_at')} AS updated FROM ${table} WHERE id = ${id}`,
    );
    return (
      row && {
        source: row['source'],
        clock: BigInt(String(row['sync_clock'])),
        updated: String(row['updated']),
      }
    );
  };
  const tombstone = async (entity: string, id: string) => {
    const [row] = await side.admin.query(
      `SELECT clock FROM tandem.local_tombstones
        WHERE pipeline = 'blog' AND entity_type = '${entity}' AND side = '${name}' AND row_key = '${id}'`,
    );
    return row && BigInt(String(row['clock']));
  };
  const rename = (id: string, to = fresh()) =>
    app.query(`UPDATE ${side.users} SET ${side.name} = '${to}' WHERE id = ${id}`);
  const remove = (table: string, id: string) => app.query(`DELETE FROM ${table} WHERE id = ${id}`);
  const near = (clock: bigint) => {
    expect(clock).toBeGreaterThan(nowMicros() - tolerance);
    expect(clock).toBeLessThan(nowMicros() + tolerance);
  };

  test('an insert of the app is stamped, whatever it wrote', async () => {
    const username = fresh();
    const id = await side.insert(
      app,
      `INSERT INTO ${side.users} (${side.name}, ${side.email}, source, sync_clock)
        VALUES ('${username}', '${username}@example.com', 'sync_service', 7)`,
    );
    const { source, clock } = (await marks(side.users, id))!;
    expect(source).toBe(name);
    near(clock);
  });

  test("Tandem's insert, update and delete are left as they are", async () => {
    const id = await addSynced(5n);
    expect(await marks(side.users, id)).toMatchObject({ source: 'sync_service', clock: 5n });
    const before = await marks(side.users, id);
    await sync.query(`UPDATE ${side.users} SET ${side.name} = '${fresh()}', sync_clock = 9 WHERE id = ${id}`);
    expect(await marks(side.users, id)).toEqual({ ...before, clock: 9n });
    await sync.query(`DELETE FROM ${side.users} WHERE id = ${id}`);
    expect(await tombstone('users', id)).toBeUndefined();
  });

  test('an update that leaves `source` alone is seen as the app’s, on a row that Tandem wrote', async () => {
    const id = await addSynced(5n);
    await rename(id);
    const { source, clock } = (await marks(side.users, id))!;
    expect(source).toBe(name);
    near(clock);
  });

  test('a clock that is ahead of now goes on by one', async () => {
    const clock = nowMicros() + ahead;
    const id = await addSynced(clock);
    await rename(id);
    expect(await marks(side.users, id)).toMatchObject({ source: name, clock: clock + 1n });
  });

  test('every mapped column raises the clock, a change of case too', async () => {
    const id = await addUser(app, 'lower_case');
    const [row] = await side.admin.query(`SELECT * FROM ${side.users} WHERE id = ${id}`);
    const mapped = Object.keys(row!).filter(
      (column) => !['id', 'source', 'sync_clock', side.unmapped].includes(column),
    );
    expect(mapped).toHaveLength(7);
    for (const column of mapped) {
      const { clock } = (await marks(side.users, id))!;
      const value = column.endsWith('_at')
        ? "'2001-02-03 04:05:06'"
        : column.endsWith('status')
          ? `'${name === 'legacy' ? 'banned' : 'SUSPENDED'}'`
          : `'LOWER_CASE'`;
      await app.query(`UPDATE ${side.users} SET ${column} = ${value} WHERE id = ${id}`);
      expect((await marks(side.users, id))!.clock).toBeGreaterThan(clock);
    }
    await rename(id, 'lower_case');
    const { clock } = (await marks(side.users, id))!;
    await rename(id, 'Lower_case');
    expect((await marks(side.users, id))!.clock).toBeGreaterThan(clock);
  });

  test('an update of an unmapped column, or of none, leaves source, clock and updated_at', async () => {
    const id = await addSynced(5n);
    const before = await marks(side.users, id);
    await app.query(`UPDATE ${side.users} SET ${side.unmapped} = CURRENT_TIMESTAMP WHERE id = ${id}`);
    await app.query(`UPDATE ${side.users} SET ${side.name} = ${side.name} WHERE id = ${id}`);
    await app.query(`UPDATE ${side.users} SET source = 'mine', sync_clock = 1 WHERE id = ${id}`);
    expect(await marks(side.users, id)).toEqual(before);
  });

  test('updated_at follows the update unless the app sets it', async () => {
    const id = await addUser();
    await app.query(`UPDATE ${side.users} SET updated_at = '2001-02-03 04:05:06' WHERE id = ${id}`);
    const set = (await marks(side.users, id))!.updated;
    expect(BigInt(set)).toBeLessThan(nowMicros() - ahead);
    await rename(id);
    near(BigInt((await marks(side.users, id))!.updated));
  });

  test('a session in another time zone writes the same instants and clocks', async () => {
    const tokyo = await side.connect(`${name}_app`);
    try {
      await tokyo.query(name === 'legacy' ? `SET TIME ZONE 'Asia/Tokyo'` : `SET time_zone = '+09:00'`);
      const id = await addUser(tokyo);
      const inserted = (await marks(side.users, id))!;
      near(inserted.clock);
      near(BigInt(inserted.updated));
      await tokyo.query(`UPDATE ${side.users} SET ${side.name} = '${fresh()}' WHERE id = ${id}`);
      const updated = (await marks(side.users, id))!;
      near(updated.clock);
      near(BigInt(updated.updated));
      expect(BigInt(updated.updated)).toBeGreaterThan(BigInt(inserted.updated));
    } finally {
      await tokyo.close();
    }
  });

  test('a delete leaves a tombstone one above the row, and the larger of two stays', async () => {
    const clock = nowMicros() + ahead;
    const id = await addSynced(clock);
    await remove(side.users, id);
    expect(await tombstone('users', id)).toBe(clock + 1n);
    for (const [version, kept] of [
      [clock - 10n, clock + 1n],
      [clock + 10n, clock + 11n],
    ] as const) {
      await sync.query(
        `INSERT INTO ${side.users} (id, ${side.name}, ${side.email}, source, sync_clock)
          VALUES (${id}, '${fresh()}', '${fresh()}@example.com', 'sync_service', ${version})`,
      );
      await remove(side.users, id);
      expect(await tombstone('users', id)).toBe(kept);
    }
  });

  test('a cascade leaves a tombstone of every row, deepest first', async () => {
    const [author, reader] = [await addUser(), await addUser()];
    const [post, other] = [await addPost(author), await addPost(reader)];
    const likes = [await addLike(reader, post), await addLike(author, post), await addLike(author, other)];
    const kept = await addLike(reader, other);
    const clocks: bigint[] = [];
    for (const id of likes) clocks.push((await marks(side.likes, id))!.clock);
    const postClock = (await marks(side.posts, post))!.clock;
    await remove(side.users, author);
    expect(await marks(side.posts, post)).toBeUndefined();
    expect(await tombstone('posts', post)).toBe(postClock + 1n);
    for (const [index, id] of likes.entries()) {
      expect(await marks(side.likes, id)).toBeUndefined();
      expect(await tombstone('likes', id)).toBe(clocks[index]! + 1n);
    }
    expect(await marks(side.likes, kept)).toBeDefined();
    expect(await marks(side.posts, other)).toBeDefined();
  });

  test('a delete of many rows at once cascades for each', async () => {
    const authors = [await addUser(), await addUser()];
    const posts = [await addPost(authors[0]!), await addPost(authors[1]!)];
    await addLike(authors[0]!, posts[1]!);
    await app.query(`DELETE FROM ${side.users} WHERE id IN (${authors.join()})`);
    for (const post of posts) expect(await tombstone('posts', post)).toBeDefined();
  });

  test("a key that comes back starts above the app's own delete", async () => {
    const clock = nowMicros() + ahead;
    const id = await addSynced(clock);
    await remove(side.users, id);
    await app.query(
      `INSERT INTO ${side.users} (id, ${side.name}, ${side.email}) VALUES (${id}, '${fresh()}', '${fresh()}@example.com')`,
    );
    expect(await marks(side.users, id)).toMatchObject({ source: name, clock: clock + 2n });
  });

  test('a key that comes back while its delete is open waits for it, and starts above it', async () => {
    const waiting = {
      legacy: `SELECT 1 FROM pg_stat_activity WHERE datname = '${side.database}' AND wait_event_type = 'Lock'`,
      revamp: `SELECT 1 FROM performance_schema.data_lock_waits
        JOIN performance_schema.threads ON thread_id = requesting_thread_id
        WHERE processlist_db = '${side.database}'`,
    };
    const clock = nowMicros() + ahead;
    const id = await addSynced(clock);
    const other = await side.connect(`${name}_app`);
    try {
      await other.query('BEGIN');
      await other.query(`DELETE FROM ${side.users} WHERE id = ${id}`);
      const inserting = app.query(
        `INSERT INTO ${side.users} (id, ${side.name}, ${side.email}) VALUES (${id}, '${fresh()}', '${fresh()}@example.com')`,
      );
      await eventually('the insert to wait', async () => (await side.admin.query(waiting[name]))[0]);
      await other.query('COMMIT');
      await inserting;
    } finally {
      await other.close();
    }
    expect(await marks(side.users, id)).toMatchObject({ source: name, clock: clock + 2n });
  });

  const noteTandemsDelete = (id: string, clock: bigint) =>
    side.admin.query(
      `INSERT INTO tandem.entity_mappings
          (pipeline, entity_type, source_side, source_key, target_side, target_key, tombstone_clock, tombstone_side)
        VALUES ('blog', 'users', 'other', 'triggers/${id}', '${name}', '${id}', ${clock}, 'other')`,
    );
  const forgetTandemsDeletes = () =>
    side.admin.query(
      `DELETE FROM tandem.entity_mappings WHERE source_side = 'other' AND source_key LIKE 'triggers/%'`,
    );

  test("a key that comes back starts above Tandem's delete", async () => {
    await forgetTandemsDeletes();
    const id = await addUser();
    const clock = nowMicros() + 2n * ahead;
    await sync.query(`DELETE FROM ${side.users} WHERE id = ${id}`);
    await noteTandemsDelete(id, clock);
    await app.query(
      `INSERT INTO ${side.users} (id, ${side.name}, ${side.email}) VALUES (${id}, '${fresh()}', '${fresh()}@example.com')`,
    );
    expect(await marks(side.users, id)).toMatchObject({ source: name, clock: clock + 1n });
  });

  test('a change of the key leaves a tombstone of the old one, and the new one starts above both', async () => {
    await forgetTandemsDeletes();
    const clock = nowMicros() + ahead;
    const id = await addSynced(clock);
    const to = String(BigInt(id) + 500_000n);
    await app.query(`UPDATE ${side.users} SET id = ${to} WHERE id = ${id}`);
    expect(await tombstone('users', id)).toBe(clock + 1n);
    expect(await marks(side.users, to)).toMatchObject({ source: name, clock: clock + 2n });
    const further = String(BigInt(to) + 1n);
    await noteTandemsDelete(further, clock + 100n);
    await app.query(`UPDATE ${side.users} SET id = ${further} WHERE id = ${to}`);
    expect(await marks(side.users, further)).toMatchObject({ source: name, clock: clock + 101n });
    expect(await tombstone('users', to)).toBe(clock + 100n);
  });

  test('an upsert that meets a row is an update', async () => {
    const clock = nowMicros() + ahead;
    const id = await addSynced(clock);
    const { [side.email]: email } = (
      await side.admin.query(`SELECT ${side.email} FROM ${side.users} WHERE id = ${id}`)
    )[0]!;
    const onConflict =
      name === 'legacy'
        ? `ON CONFLICT (${side.email}) DO UPDATE SET ${side.name} = excluded.${side.name}`
        : `AS new ON DUPLICATE KEY UPDATE ${side.name} = new.${side.name}`;
    await app.query(
      `INSERT INTO ${side.users} (${side.name}, ${side.email}) VALUES ('${fresh()}', '${String(email)}') ${onConflict}`,
    );
    expect(await marks(side.users, id)).toMatchObject({ source: name, clock: clock + 1n });
  });

  test('a transaction older than a delete cannot start its key below it', async () => {
    const clock = nowMicros() + ahead;
    const id = await addSynced(clock);
    const slow = await side.connect(`${name}_app`);
    const again = `INSERT INTO ${side.users} (id, ${side.name}, ${side.email}) VALUES (${id}, '${fresh()}', '${fresh()}@example.com')`;
    try {
      await slow
        .query('SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ')
        .catch(() => slow.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ'));
      await slow.query('START TRANSACTION');
      await slow.query(`SELECT * FROM ${side.users} WHERE id = ${id}`);
      await sync.query(`UPDATE ${side.users} SET sync_clock = ${clock + 50n} WHERE id = ${id}`);
      await remove(side.users, id);
      const refused = await slow.query(again).then(
        () => false,
        (error: { code?: string }) => error.code === '40001',
      );
      await slow.query(refused ? 'ROLLBACK' : 'COMMIT');
      if (refused) await slow.query(again);
      expect(await marks(side.users, id)).toMatchObject({ clock: clock + 52n });
    } finally {
      await slow.close();
    }
  });

  test('the app can neither read nor write the ledger, nor truncate', async () => {
    for (const statement of [
      'SELECT * FROM tandem.local_tombstones',
      'DELETE FROM tandem.local_tombstones',
      `INSERT INTO tandem.local_tombstones (pipeline, entity_type, side, row_key, clock) VALUES ('a', 'b', 'c', 'd', 1)`,
      'SELECT * FROM tandem.entity_mappings',
      'SELECT * FROM tandem.blog_entity_mappings',
      name === 'legacy'
        ? `SELECT tandem.record_local_tombstone('a', 'b', 'c', 'd', 1)`
        : `CALL tandem.record_local_tombstone_v1('a', 'b', 'c', 'd', 1)`,
      `TRUNCATE TABLE ${side.likes}`,
    ])
      await expect(app.query(statement)).rejects.toMatchObject({
        code: expect.stringMatching(
          /^(42501|ER_TABLEACCESS_DENIED_ERROR|ER_DBACCESS_DENIED_ERROR|ER_PROCACCESS_DENIED_ERROR)$/,
        ),
      });
  });

  test('the view shows identities by the names of the sides', async () => {
    await forgetTandemsDeletes();
    await side.admin.query(
      `INSERT INTO tandem.entity_mappings (pipeline, entity_type, source_side, source_key, target_side, target_key)
        VALUES ('blog', 'users', '${name === 'legacy' ? 'revamp' : 'legacy'}', '5900000001', '${name}', '5900000002')`,
    );
    const [row] = await side.admin.query(
      `SELECT * FROM tandem.blog_entity_mappings WHERE legacy_id IN (5900000001, 5900000002)`,
    );
    await side.admin.query(`DELETE FROM tandem.entity_mappings WHERE source_key = '5900000001'`);
    expect(row).toMatchObject(
      name === 'legacy'
        ? { entity_type: 'users', legacy_id: '5900000002', revamp_id: '5900000001' }
        : { entity_type: 'users', legacy_id: '5900000001', revamp_id: '5900000002' },
    );
  });
});

const catalogue: Record<'legacy' | 'revamp', string> = {
  legacy: `SELECT tgname::text AS name, pg_get_triggerdef(oid) AS body, tgenabled::text AS state FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT oid::regprocedure::text, prosrc, proacl::text FROM pg_proc WHERE pronamespace = 'tandem'::regnamespace
    UNION ALL SELECT attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod), attnotnull::text
      FROM pg_attribute WHERE attrelid::regclass::text LIKE 'legacy%' AND attnum > 0
    UNION ALL SELECT rolname::text, rolpassword, rolcanlogin::text FROM pg_authid
    ORDER BY 1, 2`,
  revamp: `SELECT CONCAT(trigger_schema, trigger_name) AS name, action_statement AS body, CAST(created AS CHAR) AS state
      FROM information_schema.triggers
    UNION ALL SELECT routine_name, routine_definition, CAST(last_altered AS CHAR) FROM information_schema.routines
    UNION ALL SELECT CONCAT(table_name, column_name), column_type, column_default FROM information_schema.columns
      WHERE table_schema = DATABASE()
    UNION ALL SELECT user, authentication_string, account_locked FROM mysql.user
    ORDER BY 1, 2`,
};

test.each(['legacy', 'revamp'] as const)('installing %s again changes nothing', async (name) => {
  const { admin, adminUrl, users } = sides[name];
  const rows = `SELECT count(*) AS n FROM ${users}`;
  const before = [await admin.query(catalogue[name]), await admin.query(rows)];
  expect(before[0]!.length).toBeGreaterThan(10);
  await installSchemas(blogFolder, { [name]: adminUrl }, { sample: true });
  expect([await admin.query(catalogue[name]), await admin.query(rows)]).toEqual(before);
});

describe('on PostgreSQL', () => {
  test('triggers fire in a session of the replica role', async () => {
    const { admin, insert } = sides.legacy;
    await admin.query('SET session_replication_role = replica');
    const id = await insert(
      admin,
      `INSERT INTO legacy_users (username, email, source) VALUES ('replica', 'replica@example.com', 'x')`,
    );
    await admin.query('SET session_replication_role = origin');
    expect(await admin.query(`SELECT source FROM legacy_users WHERE id = ${id}`)).toEqual([
      { source: 'legacy' },
    ]);
  });

  test('the log carries exactly the mapped tables, with whole rows', async () => {
    const { admin } = sides.legacy;
    const published = await admin.query(
      `SELECT tablename FROM pg_publication_tables WHERE pubname = 'dbz_publication' ORDER BY 1`,
    );
    expect(published.map((row) => row['tablename'])).toEqual([
      'legacy_likes',
      'legacy_posts',
      'legacy_users',
    ]);
    const full = await admin.query(
      `SELECT FROM pg_class WHERE relname IN ('legacy_users', 'legacy_posts', 'legacy_likes') AND relreplident = 'f'`,
    );
    expect(full).toHaveLength(3);
  });
});

describe('on MySQL', () => {
  test('the routines on the server are those of the file: a changed one needs a new version in its name', async () => {
    const file = await readFile(join(blogFolder, 'sql', 'revamp', 'triggers.sql'), 'utf8');
    const routines = await sides.revamp.admin.query(
      `SELECT routine_name AS name, routine_definition AS body FROM information_schema.routines
        WHERE routine_schema = 'tandem' ORDER BY routine_name`,
    );
    const named = [...file.matchAll(/CREATE (?:FUNCTION|PROCEDURE) IF NOT EXISTS tandem\.(\w+)/g)].map(
      ([, name]) => name,
    );
    expect(routines.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
    for (const { name, body } of routines)
      if (named.includes(String(name))) expect(file).toContain(String(body).replace(/\s*;\s*$/, ''));
  });

  test('REPLACE is a delete and an insert above it', async () => {
    const { admin, insert, connect } = sides.revamp;
    const app = await connect('revamp_app');
    const sync = await connect('sync_service');
    try {
      const clock = nowMicros() + ahead;
      const id = await insert(
        sync,
        `INSERT INTO revamp_users (user_name, email_address, source, sync_clock)
          VALUES ('replaced', 'replaced@example.com', 'sync_service', ${clock})`,
      );
      const post = await insert(
        app,
        `INSERT INTO revamp_posts (author_id, title) VALUES (${id}, 'Goes with it')`,
      );
      await app.query(
        `REPLACE INTO revamp_users (id, user_name, email_address) VALUES (${id}, 'replaced', 'new@example.com')`,
      );
      const [row] = await admin.query(`SELECT source, sync_clock FROM revamp_users WHERE id = ${id}`);
      expect(row).toEqual({ source: 'revamp', sync_clock: String(clock + 2n) });
      const tombstones = await admin.query(
        `SELECT entity_type FROM tandem.local_tombstones WHERE side = 'revamp' AND row_key IN ('${id}', '${post}') ORDER BY 1`,
      );
      expect(tombstones).toEqual([{ entity_type: 'posts' }, { entity_type: 'users' }]);
    } finally {
      await app.close();
      await sync.close();
    }
  });

  test('concurrent inserts with generated keys neither wait nor deadlock', async () => {
    const { connect } = sides.revamp;
    const apps = await Promise.all(Array.from({ length: 4 }, () => connect('revamp_app')));
    try {
      for (const app of apps) await app.query('START TRANSACTION');
      for (let round = 0; round < 5; round += 1)
        for (const [index, app] of apps.entries())
          await app.query(
            `INSERT INTO revamp_users (user_name, email_address) VALUES ('c${round}_${index}', 'c${round}_${index}@example.com')`,
          );
      for (const app of apps) await app.query('COMMIT');
    } finally {
      await Promise.all(apps.map((app) => app.close()));
    }
  });
});

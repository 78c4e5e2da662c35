import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inspection, openInspection } from '../../src/database/inspector.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';

let postgres: TestDatabase;
let mysql: TestDatabase;
const slot = `retention_${process.pid}`;

beforeAll(async () => {
  [postgres, mysql] = await Promise.all([
    freshDatabase('postgres', { migrated: false }),
    freshDatabase('mysql', { migrated: false }),
  ]);
});

afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await mysql?.[Symbol.asyncDispose]();
});

async function asked<T>(url: string, engine: 'postgres' | 'mysql', ask: (at: PlainConnection) => Promise<T>) {
  const connection = await openInspection(engine, url);
  try {
    return await ask(connection);
  } finally {
    await connection.close();
  }
}

test('PostgreSQL tells what the connector’s slot holds, and that it is gone', async () => {
  const { inspectRetention } = inspection('postgres');
  const config = { 'slot.name': slot };
  const offset = { lsn: 1, ts_usec: 1 };
  const ask = (needed: Parameters<typeof inspectRetention>[1]) =>
    asked(postgres.adminUrl, 'postgres', (at) => inspectRetention(at, needed));
  expect(await ask({ config: null, offset: null })).toMatchObject({ state: 'unknown' });
  expect(await ask({ config, offset: null })).toMatchObject({ state: 'unknown' });
  expect(await ask({ config, offset })).toMatchObject({ state: 'lost' });
  await postgres.query(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  try {
    const found = await ask({ config, offset });
    expect(found).toMatchObject({ state: 'kept', repair: null });
    expect(found.found).toMatch(new RegExp(`slot ${slot} holds .* nobody reads it`));
  } finally {
    await postgres.query(`SELECT pg_drop_replication_slot('${slot}')`);
  }
});

test('MySQL tells whether it still has the file the connector reads next, and for how long', async () => {
  const { inspectRetention } = inspection('mysql');
  await asked(mysql.adminUrl, 'mysql', async (at) => {
    const names = async () => (await at.query('SHOW BINARY LOGS')).map((row) => String(row['Log_name']));
    const [older] = (await names()).slice(-1);
    await at.query('FLUSH BINARY LOGS');
    const [current] = (await names()).slice(-1);
    const ask = (offset: Record<string, unknown> | null) => inspectRetention(at, { config: {}, offset });
    const now = Math.floor(Date.now() / 1000);
    expect(await ask(null)).toMatchObject({ state: 'unknown' });
    expect(await ask({ file: current, ts_sec: now })).toMatchObject({ state: 'kept', repair: null });
    expect(await ask({ file: older, ts_sec: now - 3_000_000 })).toMatchObject({
      state: 'running_out',
      secondsLeft: 0,
    });
    expect(await ask({ file: 'binlog.000000', ts_sec: now })).toMatchObject({ state: 'lost' });
    const [row] = await at.query('SELECT @@global.gtid_executed AS gtids');
    const gtids = row!['gtids'];
    expect(await ask({ file: 'binlog.000000', ts_sec: now, gtids })).toMatchObject({ state: 'kept' });
  });
});

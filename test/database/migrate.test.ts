import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { assertLedgerCurrent, migrateLedger } from '../../src/database/migrate.ts';
import type { LedgerTarget } from '../../src/database/migrate.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { packageRoot } from '../../src/package-root.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';

/** Every migration there is: both engines have the same ones. */
const all = readdirSync(join(packageRoot, 'src', 'database', 'postgres', 'ledger'))
  .map((file) => basename(file, '.sql'))
  .toSorted();

const target = ({ side, engine, adminUrl, url, ledger }: TestDatabase): LedgerTarget => ({
  side,
  engine,
  adminUrl,
  url,
  ledger,
});

const withLogin = (url: string, user: string, password: string): string =>
  Object.assign(new URL(url), { username: user, password }).href;

interface Ways {
  forget(fresh: TestDatabase): Promise<unknown>;
  dropRole(fresh: TestDatabase, role: string): Promise<unknown>;
}

const ways: Record<Engine, Ways> = {
  postgres: {
    forget: (fresh) => fresh.query(`DELETE FROM ${fresh.ledger}.ledger_migrations`),
    dropRole: (fresh, role) => fresh.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`),
  },
  mysql: {
    forget: (fresh) => fresh.query(`DELETE FROM ${fresh.ledger}.ledger_migrations`),
    dropRole: (fresh, role) => fresh.query(`DROP USER ${role}`),
  },
};

describe.each(Object.keys(ways) as Engine[])('tandem migrate on %s', (engine) => {
  test('applies once; later runs find nothing to do', async () => {
    await using fresh = await freshDatabase(engine, { migrated: false });
    expect(await migrateLedger(target(fresh))).toEqual({ applied: all, originMarks: true });
    expect(await migrateLedger(target(fresh))).toEqual({ applied: [], originMarks: true });
    await fresh.admit('sync_service');
    await assertLedgerCurrent(fresh.open());
  });

  test('several at once apply each migration exactly once', async () => {
    await using fresh = await freshDatabase(engine, { migrated: false });
    const reports = await Promise.all(Array.from({ length: 4 }, () => migrateLedger(target(fresh))));
    expect(reports.flatMap(({ applied }) => applied)).toEqual(all);
    await fresh.admit('sync_service');
    expect(await fresh.open().ledgerMigrations()).toEqual(all);
  });

  test('a process refuses a ledger that is missing or older, and names the command', async () => {
    await using _madeRole = await freshDatabase(engine);
    await using fresh = await freshDatabase(engine, { migrated: false });
    await fresh.admit('sync_service');
    const refusal = {
      errorClass: 'schema',
      message: `the ledger of side ${fresh.side} lacks ${all.join(', ')}: run \`tandem migrate\``,
    };
    const database = fresh.open();
    await expect(assertLedgerCurrent(database)).rejects.toMatchObject(refusal);
    await migrateLedger(target(fresh));
    await assertLedgerCurrent(database);
    await ways[engine].forget(fresh);
    await expect(assertLedgerCurrent(database)).rejects.toMatchObject(refusal);
  });

  test("a newer ledger than the program's is accepted", async () => {
    await using fresh = await freshDatabase(engine);
    await fresh.query(`INSERT INTO ${fresh.ledger}.ledger_migrations (name) VALUES ('999_later')`);
    await assertLedgerCurrent(fresh.open());
  });

  test('the role is made with the password of the URL and may use the ledger, but not rewrite its history', async () => {
    await using fresh = await freshDatabase(engine, { migrated: false });
    const role = `role_${fresh.name}`;
    const url = withLogin(fresh.url, role, "p@ss'w/rd");
    try {
      await migrateLedger({ ...target(fresh), url });
      const database = fresh.open({ url });
      const key = { pipeline: 'p', entity: 'e', sourceSide: 'a', sourceKey: '1', targetSide: 'b' };
      await fresh.admit(role);
      await database.transaction((tx) => tx.lockIdentity(key, null));
      expect(await database.capabilities()).toEqual({ originMarks: true });
      const session = await fresh.session(url);
      await expect(session.query(`DELETE FROM ${fresh.ledger}.ledger_migrations`)).rejects.toMatchObject({
        code: expect.stringMatching(/^(42501|ER_TABLEACCESS_DENIED_ERROR)$/),
      });
    } finally {
      await ways[engine].dropRole(fresh, role);
    }
  });

  test('an administrator without the rights fails with what is missing', async () => {
    await using fresh = await freshDatabase(engine);
    const weak = { ...target(fresh), adminUrl: fresh.url, ledger: 'elsewhere' };
    await expect(migrateLedger(weak)).rejects.toMatchObject({ errorClass: 'unavailable' });
  });
});

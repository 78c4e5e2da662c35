import { describe, expect, test } from '@jest/globals';
import { inspection, openInspection } from '../../src/database/inspector.ts';
import type { Requirement } from '../../src/database/requirement.ts';
import { inspected } from '../support/inspected-table.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';

interface Words {
  make: (role: string) => string[];
  drop: (role: string) => string;
  /** What gives the role more than it needs, and what is said of it. */
  excess: (place: { role: string; database: string }) => [grant: string | string[], found: string][];
  superuser: (role: string) => [grant: string, found: RegExp];
}

const words: Record<Engine, Words> = {
  postgres: {
    make: (role) => [
      `CREATE ROLE ${role} LOGIN PASSWORD 'x'`,
      `CREATE ROLE ${role}_group`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON written TO ${role}`,
      `GRANT SELECT ON only_read TO ${role}`,
    ],
    drop: (role) => `DROP OWNED BY ${role}, ${role}_group; DROP ROLE ${role}; DROP ROLE ${role}_group`,
    excess: ({ role, database }) => [
      [`GRANT TRUNCATE, TRIGGER ON written TO ${role}`, 'may TRIGGER, TRUNCATE on TABLE "public"."written"'],
      [`GRANT INSERT ON only_read TO PUBLIC`, 'may INSERT on TABLE "public"."only_read", as everybody may'],
      [
        `GRANT UPDATE ON only_read TO ${role}_group; GRANT ${role}_group TO ${role}`,
        `may UPDATE on TABLE "public"."only_read" as a member of ${role}_group`,
      ],
      [`GRANT CREATE ON SCHEMA public TO ${role}`, 'may CREATE on SCHEMA public'],
      [`GRANT CREATE ON DATABASE ${database} TO ${role}`, `may CREATE on DATABASE ${database}`],
      [`ALTER TABLE written OWNER TO ${role}`, 'owns TABLE "public"."written": it may alter and drop it'],
      [`ALTER ROLE ${role} CREATEROLE`, 'has CREATEROLE'],
      [`ALTER ROLE ${role} REPLICATION`, 'has REPLICATION'],
      [`GRANT pg_write_all_data TO ${role}`, 'is a member of pg_write_all_data'],
    ],
    superuser: (role) => [`ALTER ROLE ${role} SUPERUSER`, /^is a superuser$/],
  },
  mysql: {
    make: (role) => [
      `CREATE USER ${role} IDENTIFIED BY 'x'`,
      `CREATE ROLE ${role}_group`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON written TO ${role}`,
      `GRANT SELECT ON only_read TO ${role}`,
      `GRANT REPLICATION CLIENT, TRANSACTION_GTID_TAG, REPLICATION_APPLIER ON *.* TO ${role}`,
    ],
    drop: (role) => `DROP USER ${role}, ${role}_group`,
    excess: ({ role, database }) => [
      [`GRANT DROP, TRIGGER ON written TO ${role}`, `may DROP, TRIGGER on \`${database}\`.\`written\``],
      [`GRANT INSERT ON only_read TO ${role}`, `may INSERT on \`${database}\`.\`only_read\``],
      [
        `GRANT SELECT, UPDATE, ALTER ON \`${database.replaceAll('_', String.raw`\_`)}\`.* TO ${role}`,
        `may UPDATE, ALTER on \`${database.replaceAll('_', String.raw`\_`)}\`.*`,
      ],
      [
        [`GRANT UPDATE ON only_read TO ${role}_group`, `GRANT ${role}_group TO ${role}`],
        `may UPDATE on \`${database}\`.\`only_read\`, by the role \`${role}_group\`@\`%\``,
      ],
      [`GRANT REPLICATION SLAVE, PROCESS ON *.* TO ${role}`, 'may PROCESS, REPLICATION SLAVE on *.*'],
      [`GRANT BACKUP_ADMIN ON *.* TO ${role}`, 'may BACKUP_ADMIN on *.*'],
      [
        `GRANT SELECT ON written TO ${role} WITH GRANT OPTION`,
        `may GRANT OPTION on \`${database}\`.\`written\``,
      ],
    ],
    superuser: (role) => [
      `GRANT ALL PRIVILEGES ON *.* TO ${role}`,
      /^may SELECT, INSERT, UPDATE and \d+ more on \*\.\*$/,
    ],
  },
};

const unmet = (requirements: readonly Requirement[]) => requirements.filter(({ met }) => !met);

describe.each(['postgres', 'mysql'] as const)('%s', (engine) => {
  const { inspectExcess } = inspection(engine);
  const own = words[engine];

  test('what a role may do beyond its needs is told, and the repair takes it away and nothing else', async () => {
    await using database = await freshDatabase(engine);
    const role = `excess_${database.name.slice(-6)}`;
    for (const table of ['written', 'only_read'])
      await database.query(`CREATE TABLE ${table} (id BIGINT PRIMARY KEY)`);
    for (const statement of own.make(role)) await database.query(statement);
    try {
      const url = Object.assign(new URL(database.url), { username: role, password: 'x' });
      const connection = await database.session(url.href);
      const tables = [inspected(engine, 'written', true), inspected(engine, 'only_read', false)];
      const needs = { role: null, tables, ledger: database.ledger, readsLog: false };
      const look = async () => inspectExcess(connection, needs);
      expect(await look()).toEqual([expect.objectContaining({ met: true })]);

      for (const [grant, found] of own.excess({ role, database: database.name })) {
        for (const each of [grant].flat()) await database.query(each);
        const excess = unmet(await look());
        expect({ grant, found: excess.map((each) => each.found) }).toEqual({ grant, found: [found] });
        expect(excess[0]).toMatchObject({ severity: 'warn' });
        for (const { repair } of excess) await database.query(repair!);
        expect(unmet(await look())).toEqual([]);
      }
      const lacking = await inspection(engine).inspectPrivileges(connection, tables, null);
      expect(unmet(lacking)).toEqual([]);

      // What reads the log may do what reading takes, and write nothing.
      const asAdmin = await openInspection(engine, database.adminUrl);
      const reader = { role, tables: [inspected(engine, 'written', false)], ledger: null, readsLog: true };
      expect(unmet(await inspectExcess(asAdmin, reader)).map((each) => each.found)).toEqual([
        expect.stringMatching(/^may (DELETE, INSERT, UPDATE|INSERT, UPDATE, DELETE) on .*written/),
      ]);
      await asAdmin.close();

      const [grant, found] = own.superuser(role);
      await database.query(grant);
      expect(unmet(await look()).map((each) => each.found)).toContainEqual(expect.stringMatching(found));
    } finally {
      await database.query(own.drop(role));
    }
  });

  test("Tandem's role has no more than `tandem migrate` and the test's grants give", async () => {
    await using database = await freshDatabase(engine);
    await database.query('CREATE TABLE written (id BIGINT PRIMARY KEY)');
    const connection = await database.session(database.url);
    const tables = [inspected(engine, 'written', true)];
    const needs = { role: null, tables, ledger: database.ledger, readsLog: false };
    expect(unmet(await inspectExcess(connection, needs))).toEqual([]);
  });
});

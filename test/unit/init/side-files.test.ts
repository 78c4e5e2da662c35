import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { connectorFile } from '../../../src/init/connector-file.ts';
import { sideTables } from '../../../src/init/side-tables.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { loadPipeline } from '../../../src/process/pipelines.ts';
import { postgresSql } from '../../../src/init/postgres-sql.ts';
import { mysqlSql } from '../../../src/init/mysql-sql.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../../src/pipeline/define.ts';
import { integer, text } from '../../../src/pipeline/columns.ts';
import { liveTable } from '../../support/live-table.ts';

const read = (...path: string[]) => readFileSync(join(packageRoot, ...path), 'utf8');
const part = (name: string) => read('src', 'init', 'parts', name);

describe('what a pipeline in the box has by hand is the same', () => {
  test.each([
    ['legacy', 'postgres', 'LEGACY'],
    ['revamp', 'mysql', 'REVAMP'],
  ] as const)('the connector of %s', async (name, engine, prefix) => {
    const pipeline = await loadPipeline('blog');
    const side = pipeline.sides.get(name)!;
    const schema = engine === 'postgres' ? 'public' : null;
    const live = side.tables.map((each) => ({ ...liveTable(each.name, { id: 'integer' }), schema }));
    const names = { pipeline: 'blog', side, prefix, publication: 'dbz_publication' };
    const made = JSON.parse(
      connectorFile(part(`${engine}-connector.json`), names, sideTables(pipeline, name, live)),
    ) as { name: string; config: Record<string, string> };
    const ours = JSON.parse(read('debezium', `${engine}-connector.json`)) as typeof made;
    // Each connector has a number of its own.
    const number = made.config['database.server.id'];
    if (number) ours.config['database.server.id'] = number;
    expect(made).toEqual(ours);
  });

  test.each([
    ['postgres', 'legacy'],
    ['mysql', 'revamp'],
  ])('the routines on %s, which all pipelines of a database share', (engine, side) => {
    expect(read('pipelines', 'blog', 'sql', side, 'triggers.sql')).toContain(
      part(`${engine}-routines.sql`).trim(),
    );
  });
});

const pipeline = compilePipeline(
  definePipeline({
    name: 'crm',
    sides: { one: postgres({}), other: mysql({}) },
    entities: {
      teams: entity({
        tables: {
          one: table('Team', { id: integer(), name: text() }),
          other: table('team', { id: integer(), label: text() }),
        },
        columns: { name: 'label' },
      }),
      seats: entity({
        tables: {
          one: table('seat', { team_id: integer(), place: text() }, { key: ['team_id', 'place'] }),
          other: table('seat', { team_id: integer(), place: text() }, { key: ['team_id', 'place'] }),
        },
        columns: { team_id: 'team_id', place: 'place' },
        references: { team_id: 'teams' },
        key: 'mapped',
        sourceColumn: null,
      }),
    },
  }),
);
const cascades = [
  { columns: ['team_id'], parent: 'Team', parentColumns: ['id'], onDelete: 'cascade' as const },
];
const seat = (parent: string) =>
  liveTable(
    'seat',
    { team_id: 'integer', place: 'text' },
    { key: ['team_id', 'place'], foreignKeys: [{ ...cascades[0]!, parent }] },
  );

describe('PostgreSQL', () => {
  const live = [liveTable('Team', { id: 'integer', name: 'text' }), seat('Team')].map((each) => ({
    ...each,
    schema: 'public',
  }));
  const files = postgresSql(
    { pipeline: 'crm', side: 'one', publication: 'tandem_crm' },
    sideTables(pipeline, 'one', live),
    '',
  );

  test('adds the columns and the whole row in the log', () => {
    expect(files.schema).toMatch(
      /ALTER TABLE "public"\."Team"\s+ADD COLUMN IF NOT EXISTS "source".*\s+ADD COLUMN IF NOT EXISTS "sync_clock"/,
    );
    expect(files.schema).not.toMatch(/"seat"\s+ADD COLUMN IF NOT EXISTS "source"/);
    expect(files.schema).toContain('ALTER TABLE "public"."seat" REPLICA IDENTITY FULL');
  });

  test('names a row by its canonical key', () => {
    expect(files.triggers).toContain(
      `'[' || to_json(OLD."team_id"::text)::text || ',' || to_json(OLD."place"::text)::text || ']'`,
    );
  });

  test('deletes the children first, where the database itself would', () => {
    expect(files.triggers).toContain('DELETE FROM "public"."seat" WHERE "team_id" = OLD."id"');
  });
});

describe('MySQL', () => {
  const earlier = ['team_tandem_update_00000000', 'team_audit'];
  const live = [liveTable('team', { id: 'int', label: 'varchar' }, { triggers: earlier }), seat('team')];
  const files = mysqlSql({ pipeline: 'crm', side: 'other' }, sideTables(pipeline, 'other', live), '');

  test('drops the trigger it replaces after the new one is there, and no other', () => {
    const created = files.triggers.indexOf('CREATE TRIGGER IF NOT EXISTS `team_tandem_update_');
    expect(created).toBeGreaterThan(0);
    expect(files.triggers.indexOf('DROP TRIGGER IF EXISTS `team_tandem_update_00000000`')).toBeGreaterThan(
      created,
    );
    expect(files.triggers).not.toContain('team_audit');
  });

  test('sees a change of case', () => {
    expect(files.triggers).toContain('CAST(NEW.`label` AS BINARY) <=> CAST(OLD.`label` AS BINARY)');
  });
});

test('a table that is not there is named', () => {
  expect(() => sideTables(pipeline, 'other', [])).toThrow('side other: there is no table team, seat');
});

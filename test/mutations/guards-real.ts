import type { Guard } from './guards.ts';

/** A guard that lives in SQL, and the test on the real servers that must fail without it. */
export interface RealGuard extends Guard {
  /** Path pattern of the `database` tests. */
  test: string;
}

const legacy = 'pipelines/blog/sql/legacy/triggers.sql';
const revamp = 'pipelines/blog/sql/revamp/triggers.sql';
const triggers = 'database/blog-triggers';

export const real: readonly RealGuard[] = [
  {
    name: 'hybrid clock, PostgreSQL',
    test: triggers,
    edits: [
      {
        file: legacy,
        find: 'greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, OLD.sync_clock + 1)',
        replace: '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint',
      },
    ],
  },
  {
    name: 'hybrid clock, MySQL',
    test: triggers,
    edits: [
      {
        file: revamp,
        find: 'GREATEST(tandem.clock_now_v1(), OLD.sync_clock + 1)',
        times: 3,
        replace: 'tandem.clock_now_v1()',
      },
    ],
  },
  {
    name: "the delete's one clock, PostgreSQL",
    test: triggers,
    edits: [
      { file: legacy, find: 'VALUES ($1, $2, $3, $4, $5 + 1)', replace: 'VALUES ($1, $2, $3, $4, $5 + 2)' },
    ],
  },
  {
    name: "the delete's one clock, MySQL",
    test: triggers,
    edits: [{ file: revamp, find: 'of_key, row_clock + 1,', replace: 'of_key, row_clock + 2,' }],
  },
  {
    name: 'local tombstone, PostgreSQL',
    test: triggers,
    edits: [
      {
        file: legacy,
        find: 'PERFORM tandem.record_local_tombstone(TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], OLD.id::text, OLD.sync_clock);\n  RETURN OLD;',
        replace: 'RETURN OLD;',
      },
    ],
  },
  {
    name: 'local tombstone, MySQL',
    test: triggers,
    edits: [
      {
        file: revamp,
        find: "    DELETE FROM revamp_posts WHERE author_id = OLD.id;\n    CALL tandem.record_local_tombstone_v1('blog', 'users', 'revamp', OLD.id, OLD.sync_clock);",
        replace: '    DELETE FROM revamp_posts WHERE author_id = OLD.id;',
      },
    ],
  },
  {
    name: "the insert's start clock, PostgreSQL",
    test: triggers,
    edits: [
      {
        file: legacy,
        find: '    tandem.clock_above(TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], NEW.id::text));\n  RETURN NEW;',
        replace: '    0);\n  RETURN NEW;',
      },
    ],
  },
  {
    name: "the insert's start clock after an open delete, PostgreSQL",
    test: triggers,
    edits: [
      {
        file: legacy,
        find: "  EXECUTE format('SELECT FROM %I.%I WHERE id = $1 FOR SHARE', TG_TABLE_SCHEMA, TG_TABLE_NAME) USING NEW.id;\n  NEW.source",
        replace: '  NEW.source',
      },
    ],
  },
  {
    name: "the insert's start clock, MySQL",
    test: triggers,
    edits: [
      {
        file: revamp,
        find: "tandem.clock_above_v1('blog', 'users', 'revamp', NEW.id));\n    END IF;",
        times: 1,
        replace: '0);\n    END IF;',
      },
    ],
  },
  {
    name: "the insert's start clock above the row a REPLACE ends, MySQL",
    test: triggers,
    edits: [
      {
        file: revamp,
        find: 'COALESCE((SELECT sync_clock + 2 FROM revamp_users WHERE id = NEW.id FOR SHARE), 0)',
        replace: '0',
      },
    ],
  },
  {
    name: 'identity lock, PostgreSQL',
    test: 'database/contract',
    edits: [
      {
        file: 'src/database/postgres/lock-identity.ts',
        find: 'DO UPDATE SET source_key = excluded.source_key\n      RETURNING identity.*`,\n  );',
        replace:
          'DO NOTHING`,\n  );\n  const { rows } = await session.query(sql`SELECT * FROM ${ledger.table("entity_mappings")} WHERE ${ledger.identityIs({ pipeline, entity, sourceSide, sourceKey, targetSide })}`);',
      },
      {
        file: 'src/database/postgres/lock-identity.ts',
        find: 'const { rows } = await session.query(\n    sql`INSERT',
        replace: 'await session.query(\n    sql`INSERT',
      },
    ],
  },
  {
    name: 'identity lock, MySQL',
    test: 'database/contract',
    edits: [
      {
        file: 'src/database/mysql/lock-identity.ts',
        find: 'sql`INSERT INTO',
        replace: 'sql`INSERT IGNORE INTO',
      },
      {
        file: 'src/database/mysql/lock-identity.ts',
        find: '\n      ON DUPLICATE KEY UPDATE source_key = ${table}.source_key`',
        replace: '`',
      },
      {
        file: 'src/database/mysql/lock-identity.ts',
        find: '${ledger.identityIs(key)} FOR UPDATE`',
        replace: '${ledger.identityIs(key)}`',
      },
    ],
  },
];

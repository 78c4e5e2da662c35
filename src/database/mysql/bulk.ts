import sql, { join, raw } from 'sql-template-tag';
import { SyncError } from '../../errors/sync-error.ts';
import { alike } from '../grouped/alike.ts';
import { assertAllSaved, savedRecord } from '../grouped/bulk-transaction.ts';
import type { BulkWrites } from '../grouped/bulk-transaction.ts';
import { identityOf } from '../ledger-row.ts';
import type { LedgerRow } from '../ledger-row.ts';
import { tableName } from '../table-sql.ts';
import { notTaken } from '../write-row.ts';
import { dialect } from './dialect.ts';
import { insertRow } from './insert-row.ts';

const text = (name: string, length: number) =>
  `${name} VARCHAR(${length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$.${name}'`;
const number = (name: string) => `${name} BIGINT PATH '$.${name}'`;

const savedColumns = [
  text('source_key', 512),
  text('target_key', 512),
  number('epoch'),
  text('position', 255),
  text('source_ts', 40),
  number('version'),
  number('clock'),
  text('clock_side', 50),
  text('row_hash', 64),
  number('tombstone_clock'),
  text('tombstone_side', 50),
  number('source_clock'),
].join(', ');

export const bulkWrites: BulkWrites = {
  /** In the order of the keys, so that two transactions queue up. */
  async lockIdentities(ledger, session, calls) {
    const table = ledger.table('entity_mappings');
    const sorted = calls.toSorted((a, b) => (a.key.sourceKey < b.key.sourceKey ? -1 : 1));
    const { pipeline, entity, sourceSide, targetSide } = sorted[0]!.key;
    const values = sorted.map(
      ({ key: { sourceKey }, targetKeyIfNew }) =>
        sql`(${pipeline}, ${entity}, ${sourceSide}, ${sourceKey}, ${targetSide}, ${targetKeyIfNew})`,
    );
    await session.query(
      sql`INSERT INTO ${table} (pipeline, entity_type, source_side, source_key, target_side, target_key)
        VALUES ${join(values)} ON DUPLICATE KEY UPDATE source_key = ${table}.source_key`,
    );
    const { rows } = await session.query(
      sql`SELECT * FROM ${table} WHERE pipeline = ${pipeline} AND entity_type = ${entity}
          AND source_side = ${sourceSide} AND target_side = ${targetSide}
          AND source_key IN (${join(sorted.map(({ key }) => key.sourceKey))}) FOR UPDATE`,
    );
    const locked = new Map(rows.map((row) => [row['source_key'], identityOf(row as unknown as LedgerRow)]));
    if (locked.size !== calls.length)
      throw new SyncError('constraint', 'the target row is the row of another source row', {
        constraint: 'entity_mappings_target',
      });
    return calls.map(({ key }) => locked.get(key.sourceKey)!);
  },

  async saveIdentities(ledger, session, identities) {
    const { pipeline, entity, sourceSide, targetSide } = identities[0]!;
    const { affected } = await session.query(
      sql`UPDATE JSON_TABLE(${JSON.stringify(identities.map(savedRecord))}, '$[*]' COLUMNS (${raw(savedColumns)})) AS saved
        STRAIGHT_JOIN ${ledger.table('entity_mappings')} AS identity ON identity.pipeline = ${pipeline}
          AND identity.entity_type = ${entity} AND identity.source_side = ${sourceSide}
          AND identity.source_key = saved.source_key AND identity.target_side = ${targetSide}
        SET identity.target_key = saved.target_key, identity.epoch = saved.epoch, identity.position = saved.position,
          identity.source_ts = coalesce(saved.source_ts, identity.source_ts), identity.version = saved.version,
          identity.clock = saved.clock, identity.clock_side = saved.clock_side, identity.row_hash = saved.row_hash,
          identity.tombstone_clock = saved.tombstone_clock, identity.tombstone_side = saved.tombstone_side,
          identity.source_clock = saved.source_clock, identity.updated_at = CURRENT_TIMESTAMP(6)`,
    );
    assertAllSaved(affected, identities);
  },

  async insertRows(ledger, session, table, description, rows) {
    const given = rows.every(({ key }) => key !== null);
    const generated = rows.every(({ key }) => key === null) && table.key.length === 1;
    const insert = given || generated ? alike(dialect, table, description, rows) : null;
    if (rows.length === 1 || !insert) {
      const keys: string[] = [];
      for (const row of rows) keys.push(await insertRow(ledger, session, table, description, row));
      return keys;
    }
    const result = await session.query(
      sql`INSERT INTO ${tableName(dialect, table)} (${join(insert.columns)}) VALUES ${join(insert.rows)}`,
    );
    if (result.affected !== rows.length) throw notTaken(table, 'insert');
    if (given) return rows.map(({ key }) => key!);
    // Rows of one INSERT ... VALUES get keys that follow each other, in every innodb_autoinc_lock_mode.
    const { rows: step } = await session.query(sql`SELECT @@auto_increment_increment AS step`);
    return following(table.name, result.generatedKey, BigInt(String(step[0]!['step'])), rows.length);
  },

  /** Only text, which every column takes as it would take it by itself, by keys that are numbers: texts have a collation. */
  updateRows(table, { keys, columns, rows }) {
    const numbers = table.key.every((name) => table.columns.get(name)?.kind === 'integer');
    if (!numbers || rows.some(({ values }) => values.some((value) => Buffer.isBuffer(value)))) return null;
    const given = rows.map(({ key, values }) => sql`ROW(${join([...key, ...values])})`);
    const key = (at: number) => raw(`key_${at}`);
    const value = (at: number) => raw(`value_${at}`);
    return sql`UPDATE (VALUES ${join(given)})
        AS given (${join([...keys.map((_, at) => key(at)), ...columns.map((_, at) => value(at))])})
      STRAIGHT_JOIN ${tableName(dialect, table)} AS kept ON ${join(
        keys.map(({ column }, at) => sql`kept.${column} = given.${key(at)}`),
        ' AND ',
      )}
      SET ${join(columns.map(({ column }, at) => sql`kept.${column} = given.${value(at)}`))}`;
  },
};

function following(table: string, first: string | null, step: bigint, count: number): string[] {
  if ((first ?? '0') === '0')
    throw new SyncError(
      'schema',
      `table ${table} makes no key of its own: give it AUTO_INCREMENT or another key strategy`,
    );
  return Array.from({ length: count }, (_, n) =>
    String(BigInt.asUintN(64, BigInt(first!)) + step * BigInt(n)),
  );
}

import sql, { join, raw } from 'sql-template-tag';
import { assertAllSaved, savedRecord } from '../grouped/bulk-transaction.ts';
import type { BulkWrites } from '../grouped/bulk-transaction.ts';
import type { ColumnDescription } from '../contract.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { alike } from '../grouped/alike.ts';
import { identityOf } from '../ledger-row.ts';
import type { LedgerRow } from '../ledger-row.ts';
import { declaredColumn, selectedKey, selectList, tableName } from '../table-sql.ts';
import { notTaken } from '../write-row.ts';
import { dialect } from './dialect.ts';
import { insertRow } from './insert-row.ts';

const savedColumns = `source_key text, target_key text, epoch bigint, "position" text, source_ts timestamptz, version bigint,
  clock bigint, clock_side text, row_hash text, tombstone_clock bigint, tombstone_side text, source_clock bigint`;

export const bulkWrites: BulkWrites = {
  /** In the order of the keys, so that two transactions queue up. */
  async lockIdentities(ledger, session, calls) {
    const sorted = calls.toSorted((a, b) => (a.key.sourceKey < b.key.sourceKey ? -1 : 1));
    const { rows } = await session.query(
      sql`INSERT INTO ${ledger.table('entity_mappings')} AS identity
          (pipeline, entity_type, source_side, source_key, target_side, target_key)
        VALUES ${join(
          sorted.map(
            ({ key: { pipeline, entity, sourceSide, sourceKey, targetSide }, targetKeyIfNew }) =>
              sql`(${pipeline}, ${entity}, ${sourceSide}, ${sourceKey}, ${targetSide}, ${targetKeyIfNew})`,
          ),
        )}
        ON CONFLICT (pipeline, entity_type, source_side, source_key, target_side)
          DO UPDATE SET source_key = excluded.source_key
        RETURNING identity.*`,
    );
    const locked = new Map(rows.map((row) => [row['source_key'], identityOf(row as unknown as LedgerRow)]));
    return calls.map(({ key }) => locked.get(key.sourceKey)!);
  },

  async saveIdentities(ledger, session, identities) {
    const { pipeline, entity, sourceSide, targetSide } = identities[0]!;
    const { affected } = await session.query(
      sql`UPDATE ${ledger.table('entity_mappings')} AS identity
        SET target_key = saved.target_key, epoch = saved.epoch, "position" = saved."position",
          source_ts = coalesce(saved.source_ts, identity.source_ts), version = saved.version,
          clock = saved.clock, clock_side = saved.clock_side, row_hash = saved.row_hash,
          tombstone_clock = saved.tombstone_clock, tombstone_side = saved.tombstone_side,
          source_clock = saved.source_clock, updated_at = CURRENT_TIMESTAMP(6)
        FROM jsonb_to_recordset(${JSON.stringify(identities.map(savedRecord))}::jsonb) AS saved (${raw(savedColumns)})
        WHERE identity.pipeline = ${pipeline} AND identity.entity_type = ${entity}
          AND identity.source_side = ${sourceSide} AND identity.source_key = saved.source_key
          AND identity.target_side = ${targetSide}`,
    );
    assertAllSaved(affected, identities);
  },

  async insertRows(ledger, session, table, description, rows) {
    const key = table.key.length === 1 ? declaredColumn(table, table.key[0]!) : null;
    const generated = rows.every(({ key: given }) => given === null);
    // Keys that come from no sequence do not tell in which order their rows were inserted.
    const ordered = generated && key?.kind === 'integer';
    const given = rows.every(({ key: own }) => own !== null);
    const insert = ordered || given ? alike(dialect, table, description, rows) : null;
    if (!insert) return oneByOne(ledger, session, table, description, rows);
    const keys = table.key.map((name) => declaredColumn(table, name));
    const inserted = await session.query(
      sql`INSERT INTO ${tableName(dialect, table)} (${join(insert.columns)}) OVERRIDING SYSTEM VALUE
        VALUES ${join(insert.rows)} RETURNING ${selectList(dialect, keys)}`,
    );
    if (inserted.affected !== rows.length) throw notTaken(table, 'insert');
    if (ordered) return inSequence(inserted.rows.map((row) => selectedKey(dialect, table, row)));
    if (key?.kind === 'integer') {
      const largest = rows.map((row) => BigInt(row.key!)).reduce((a, b) => (a > b ? a : b));
      await session.query(
        sql`SELECT ${ledger.function('advance_sequence')}(${tableName(dialect, table).text}::regclass, ${key.name}, ${String(largest)}::numeric)`,
      );
    }
    return rows.map((row) => row.key!);
  },

  updateRows(table, { keys, columns, rows }) {
    const typed = (value: unknown, { type }: ColumnDescription) =>
      sql`CAST(${value} AS ${raw(unlimited(type))})`;
    const given = rows.map(({ key, values }) => {
      const own = key.map((value, at) => typed(value, keys[at]!.live));
      const set = values.map((value, at) => typed(value, columns[at]!.live));
      return sql`(${join([...own, ...set])})`;
    });
    const key = (at: number) => raw(`key_${at}`);
    const value = (at: number) => raw(`value_${at}`);
    return sql`UPDATE ${tableName(dialect, table)} AS kept
      SET ${join(columns.map(({ column }, at) => sql`${column} = given.${value(at)}`))}
      FROM (VALUES ${join(given)}) AS given (${join([...keys.map((_, at) => key(at)), ...columns.map((_, at) => value(at))])})
      WHERE ${join(
        keys.map(({ column }, at) => sql`kept.${column} = given.${key(at)}`),
        ' AND ',
      )}`;
  },
};

/** Cast to a type of its own length these would be cut; the column itself refuses what is too long. */
const unlimited = (type: string): string => ({ character: 'bpchar', bit: 'bit varying' })[type] ?? type;

/**
 * Rows are made in the order of VALUES, and a sequence numbers them in it. Keys that come back in no such order are of no
 * sequence, or not in the order of the rows: then each row is to be inserted by itself.
 */
function inSequence(keys: readonly string[]): readonly string[] {
  const rising = keys.slice(1).map((key, at) => BigInt(key) > BigInt(keys[at]!));
  if (new Set(rising).size > 1)
    throw new SyncError('data', 'the keys of several new rows came back in no order');
  return keys;
}

async function oneByOne(
  ...[ledger, session, table, description, rows]: Parameters<BulkWrites['insertRows']>
): Promise<string[]> {
  const keys: string[] = [];
  for (const row of rows) keys.push(await insertRow(ledger, session, table, description, row));
  return keys;
}

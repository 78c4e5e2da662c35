import sql, { empty, join, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import { keyText } from '../../change/key.ts';
import type { CompiledTable } from '../../pipeline/route.ts';
import { findClaims } from '../claims.ts';
import type { Identity, IdentityKey, StoredRow, TableDescription } from '../contract.ts';
import type { Dialect } from '../dialect.ts';
import type { Ledger } from '../ledger.ts';
import { identityOf, processedOf } from '../ledger-row.ts';
import type { LedgerRow } from '../ledger-row.ts';
import { readRows } from '../read-row.ts';
import type { Session } from '../session.ts';
import { hasKey, keyColumns, keyOperand } from '../table-sql.ts';
import type { BulkReader } from './bulk.ts';

/** Where many rows are read. */
export interface BulkParts {
  dialect: Dialect;
  ledger: Ledger;
  session: Session;
  describe: (table: CompiledTable) => Promise<TableDescription>;
}

/** Many rows may ask for one parent. */
const distinct = (keys: readonly string[]): Sql => join([...new Set(keys)]);

type Stored = Pick<BulkParts, 'ledger' | 'session'>;

async function identities({ ledger, session }: Stored, condition: Sql): Promise<Identity[]> {
  const { rows } = await session.query(
    sql`SELECT * FROM ${ledger.table('entity_mappings')} WHERE ${condition}`,
  );
  return rows.map((row) => identityOf(row as unknown as LedgerRow));
}

/** The identities in the order of their keys, which are of one entity and direction; null where there is none. */
export async function identitiesByKey(
  stored: Stored,
  keys: readonly IdentityKey[],
  { lock }: { lock: boolean },
): Promise<(Identity | null)[]> {
  const { pipeline, entity, sourceSide, targetSide } = keys[0]!;
  const found = await identities(
    stored,
    sql`pipeline = ${pipeline} AND entity_type = ${entity} AND source_side = ${sourceSide}
      AND source_key IN (${distinct(keys.map(({ sourceKey }) => sourceKey))}) AND target_side = ${targetSide}${lock ? raw(' FOR UPDATE') : empty}`,
  );
  const byKey = new Map(found.map((identity) => [identity.sourceKey, identity]));
  return keys.map(({ sourceKey }) => byKey.get(sourceKey) ?? null);
}

/** The questions of one call are about one entity, or table, and direction. */
export function bulkReader({ dialect, ledger, session, describe }: BulkParts): BulkReader {
  return {
    findIdentities: (keys) => identitiesByKey({ ledger, session }, keys, { lock: false }),
    async findIdentitiesByTarget(of) {
      const { pipeline, entity, sourceSide, targetSide } = of[0]!;
      const found = await identities(
        { ledger, session },
        sql`pipeline = ${pipeline} AND entity_type = ${entity} AND target_side = ${targetSide}
          AND target_key IN (${distinct(of.map(({ targetKey }) => targetKey))}) AND source_side = ${sourceSide}`,
      );
      const byKey = new Map(found.map((identity) => [identity.targetKey, identity]));
      return of.map(({ targetKey }) => byKey.get(targetKey) ?? null);
    },
    findClaims: (of, keys) => findClaims(ledger, session, of, keys, { lock: false }),
    async findProcessed(eventIds) {
      const { rows } = await session.query(
        sql`SELECT event_id, pipeline, entity_type, outcome, target_key
          FROM ${ledger.table('processed_events')} WHERE event_id IN (${join([...eventIds])})`,
      );
      const byId = new Map(rows.map((row) => [row['event_id'], processedOf(row)]));
      return eventIds.map((id) => byId.get(id) ?? null);
    },
    async findLocalTombstones(of) {
      const { pipeline, entity, side } = of[0]!;
      const { rows } = await session.query(
        sql`SELECT row_key, clock FROM ${ledger.table('local_tombstones')}
          WHERE pipeline = ${pipeline} AND entity_type = ${entity} AND side = ${side}
            AND row_key IN (${distinct(of.map(({ key }) => key))})`,
      );
      const byKey = new Map(rows.map((row) => [row['row_key'], BigInt(row['clock'] as string)]));
      return of.map(({ key }) => byKey.get(key) ?? null);
    },
    findRows: async (table, keys) =>
      rowsByKey({ dialect, session }, table, keys, { lock: false, description: await describe(table) }),
  };
}

/** The rows in the order of their keys; null where there is none. */
export async function rowsByKey(
  { dialect, session }: Pick<BulkParts, 'dialect' | 'session'>,
  table: CompiledTable,
  keys: readonly string[],
  how: { lock: boolean; description: TableDescription },
): Promise<(StoredRow | null)[]> {
  const condition = hasOneOf(dialect, table, [...new Set(keys)], how.description);
  const rows = await readRows(dialect, session, table, { condition, ...how });
  const byKey = new Map(rows.map((row) => [keyText(table.key.map((name) => row.values[name]!)), row]));
  return keys.map((key) => byKey.get(key) ?? null);
}

function hasOneOf(
  dialect: Dialect,
  table: CompiledTable,
  keys: readonly string[],
  description: TableDescription,
): Sql {
  const [column] = table.key;
  if (table.key.length > 1 || column === undefined)
    return join(
      keys.map((key) => sql`(${hasKey(dialect, table, key, description)})`),
      ' OR ',
    );
  const values = keys.map((key) => {
    const [{ column, value }] = keyColumns(table, key) as [ReturnType<typeof keyColumns>[number]];
    return keyOperand(dialect, column, value, description.get(column.name));
  });
  return sql`${dialect.identifier(column)} IN (${join(values)})`;
}

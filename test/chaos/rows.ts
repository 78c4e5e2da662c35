import { connectPlain } from '../../src/database/plain-connection.ts';
import type { PlainConnection, PlainRow } from '../../src/database/plain-connection.ts';
import type { Mode } from './mode.ts';
import { entities, otherSide, sides, statusWords, words } from './words.ts';
import type { Entity, Side } from './words.ts';

/** A mapped row in words both sides share; references hold the side's own keys. */
export interface MappedRow {
  key: string;
  /** Null where tables keep none. */
  clock: bigint | null;
  source: string | null;
  values: Readonly<Record<string, string | null>>;
}

export type Table = ReadonlyMap<string, MappedRow>;

/** What a side's ledger says of rows that came from the other side. */
export interface LedgerIdentity {
  entity: Entity;
  sourceKey: string;
  targetKey: string | null;
}

export interface RecordedConflict {
  entity: Entity;
  type: string;
  verdict: string;
  incomingClock: bigint;
  existingClock: bigint | null;
  /** Both rows, as JSON. */
  rows: string;
}

/** One side as it stands. */
export interface Snapshot {
  side: Side;
  tables: Readonly<Record<Entity, Table>>;
  identities: readonly LedgerIdentity[];
  conflicts: readonly RecordedConflict[];
  /** Outcome to events of this run. */
  outcomes: ReadonlyMap<string, number>;
}

const references: Readonly<Record<string, Entity>> = { author: 'users', article: 'posts' };
export const referenced = (column: string): Entity | undefined => references[column];

const asText = (value: string | number | bigint): string => `${value}`;
const text = (value: unknown): string | null =>
  value === null || value === undefined ? null : asText(value as string);
const clock = (value: unknown): bigint | null => (value === null ? null : BigInt(value as string));

async function readTable(
  connection: PlainConnection,
  side: Side,
  entity: Entity,
  { clocked }: Mode,
): Promise<PlainRow[]> {
  const { table, columns } = words[side][entity];
  const selected = Object.entries(columns)
    .filter(([name]) => name !== 'seen')
    .map(([name, column]) => {
      const timed = name === 'created' || name === 'updated';
      return `${timed ? words[side].micros(column) : column} AS ${name}`;
    });
  return connection.query(
    `SELECT id, ${clocked ? 'sync_clock, source' : 'NULL AS sync_clock, NULL AS source'}, ${selected.join(', ')} FROM ${table}`,
  );
}

function mappedRow({ id, sync_clock, source, ...columns }: PlainRow): MappedRow {
  const values = Object.fromEntries(
    Object.entries(columns).map(([name, value]) => {
      const plain = text(value);
      return [name, name === 'status' && plain !== null ? (statusWords[plain] ?? plain) : plain];
    }),
  );
  return { key: String(id), clock: clock(sync_clock), source: text(source), values };
}

/** The rows of this run, by name: likes by the user whose they are. */
async function readTables(
  connection: PlainConnection,
  side: Side,
  mark: string,
  mode: Mode,
): Promise<Snapshot['tables']> {
  const read: Partial<Record<Entity, Table>> = {};
  for (const entity of entities) {
    const all = (await readTable(connection, side, entity, mode)).map(mappedRow);
    const own = all.filter(({ values }) =>
      entity === 'likes' ? read.users?.has(values['author'] ?? '') : values['name']?.startsWith(mark),
    );
    read[entity] = new Map(own.map((row) => [row.key, row]));
  }
  return read as Snapshot['tables'];
}

/** `since`: conflicts and outcomes recorded before are none of this run's. */
export async function takeSnapshot(
  side: Side,
  adminUrl: string,
  mark: string,
  since: Date,
  mode: Mode,
): Promise<Snapshot> {
  const connection = await connectPlain(words[side].engine, adminUrl);
  try {
    const place = words[side].place(1);
    const begun = since.toISOString().replace('T', ' ').replace('Z', '');
    const from = words[side].engine === 'postgres' ? `${place}::timestamp AT TIME ZONE 'UTC'` : place;
    const tables = await readTables(connection, side, mark, mode);
    const identities = await connection.query(
      `SELECT entity_type, source_key, target_key FROM tandem.entity_mappings
       WHERE pipeline = 'blog' AND source_side = '${otherSide[side]}' AND target_side = '${side}'`,
    );
    const conflicts = await connection.query(
      `SELECT entity_type, type, verdict, incoming_clock, existing_clock, incoming_row, existing_row FROM tandem.conflicts
       WHERE pipeline = 'blog' AND created_at >= ${from}`,
      [begun],
    );
    const outcomes = await connection.query(
      `SELECT outcome, count(*) AS n FROM tandem.processed_events
       WHERE pipeline = 'blog' AND processed_at >= ${from} GROUP BY outcome`,
      [begun],
    );
    return {
      side,
      tables,
      identities: identities.map((row) => ({
        entity: row['entity_type'] as Entity,
        sourceKey: String(row['source_key']),
        targetKey: text(row['target_key']),
      })),
      conflicts: conflicts.map((row) => ({
        entity: row['entity_type'] as Entity,
        type: String(row['type']),
        verdict: String(row['verdict']),
        incomingClock: BigInt(String(row['incoming_clock'])),
        existingClock: clock(row['existing_clock']),
        rows: JSON.stringify([row['incoming_row'], row['existing_row']]),
      })),
      outcomes: new Map(outcomes.map((row) => [String(row['outcome']), Number(row['n'])])),
    };
  } finally {
    await connection.close();
  }
}

export const takeSnapshots = async (
  adminUrls: Readonly<Record<Side, string>>,
  mark: string,
  since: Date,
  mode: Mode,
): Promise<Readonly<Record<Side, Snapshot>>> => {
  const [legacy, revamp] = await Promise.all(
    sides.map((side) => takeSnapshot(side, adminUrls[side], mark, since, mode)),
  );
  return { legacy: legacy!, revamp: revamp! };
};

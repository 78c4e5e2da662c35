import sql from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { Session } from '../session.ts';

/** Up to this distance the sequence is stepped, which no concurrent `nextval` can make go back. */
const stepped = 1000;

/**
 * Brings the sequence of a serial or identity column to `key` or beyond, in its own increments (two sides that take
 * odd and even keys keep doing so). Does nothing where it is there already, or where the column has none.
 *
 * Sequences know no lock and `setval` can move one back. So a short way is stepped by `nextval`; over a long one,
 * one Tandem session at a time uses `setval`, and an app would have to take over a thousand keys meanwhile.
 * Like `nextval` itself this outlives a rollback; a skipped key harms nobody.
 */
export async function advanceSequence(
  session: Session,
  table: Sql,
  column: string,
  key: string,
): Promise<void> {
  const steps = sql`
    SELECT sequence, increment, last, ceil((${key}::numeric - last) / increment)::bigint AS steps
    FROM (
      SELECT seqrelid::regclass AS sequence, seqincrement AS increment,
        coalesce(pg_sequence_last_value(seqrelid), seqstart - seqincrement)::numeric AS last
      FROM pg_sequence
      WHERE seqrelid = pg_get_serial_sequence(${table.text}, ${column})::regclass AND seqincrement > 0
    ) AS position
    WHERE ${key}::numeric > last`;
  const { rows } = await session.query(steps);
  const [row] = rows;
  if (row === undefined) return;
  if (BigInt(row['steps'] as string) <= stepped) {
    await session.query(
      sql`SELECT count(nextval(${row['sequence']}::regclass)) FROM generate_series(1, ${row['steps']}::bigint)`,
    );
    return;
  }
  await session.query(sql`SELECT pg_advisory_xact_lock('pg_sequence'::regclass::oid::int, ${row['sequence']}::regclass::oid::int)`);
  await session.query(
    sql`SELECT setval(sequence, (last + steps * increment)::bigint) FROM (${steps}) AS way`,
  );
}

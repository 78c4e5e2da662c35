import { connectPlain } from '../src/database/plain-connection.ts';

const perStatement = 500;

/** Rows per second of bare multi-row upserts into a table like the target's, over one connection: what the database can do. */
export async function measureRawUpsert(adminUrl: string, rows: number): Promise<number> {
  const revamp = await connectPlain('mysql', adminUrl);
  try {
    await revamp.query('DROP TABLE IF EXISTS bench_posts');
    await revamp.query('CREATE TABLE bench_posts LIKE revamp_posts');
    const began = performance.now();
    for (let from = 0; from < rows; from += perStatement) {
      const ids = Array.from({ length: Math.min(perStatement, rows - from) }, (_, n) => from + n + 1);
      await revamp.query(
        `INSERT INTO bench_posts (id, author_id, title, source, sync_clock) VALUES ${ids.map(() => "(?, 1, ?, 'sync_service', 1)").join()}
          ON DUPLICATE KEY UPDATE title = VALUES(title)`,
        ids.flatMap((id) => [id, `bench ${id}`]),
      );
    }
    return (rows * 1000) / (performance.now() - began);
  } finally {
    await revamp.query('DROP TABLE IF EXISTS bench_posts');
    await revamp.close();
  }
}

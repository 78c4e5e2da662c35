import { canaryName, canaryTable } from '../../change/canary.ts';
import { canaryColumns, canaryLockSeconds } from '../canary-place.ts';
import type { CanaryPlace } from '../canary-place.ts';
import { quoted } from './inspected-name.ts';

const lock = "hashtextextended('tandem canary', 0)";

/** Dropping the table takes it out of the publication too. */
export async function makeCanary({ admin, own, publication }: CanaryPlace): Promise<() => Promise<void>> {
  const [self] = await own.query('SELECT current_user::text AS role');
  await admin.query(`SET lock_timeout = '${canaryLockSeconds}s'`);
  await admin.query(`SELECT pg_advisory_lock(${lock})`);
  const drop = async () => {
    await admin.query(`DROP TABLE IF EXISTS ${canaryName}`);
    await admin.query(`SELECT pg_advisory_unlock(${lock})`);
  };
  try {
    await admin.query(`DROP TABLE IF EXISTS ${canaryName}`);
    await admin.query(`CREATE TABLE ${canaryName} (${canaryColumns})`);
    await admin.query(`ALTER TABLE ${canaryName} REPLICA IDENTITY FULL`);
    await admin.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${canaryName} TO ${quoted(String(self?.['role']))}`,
    );
    const published = await admin.query(
      'SELECT FROM pg_publication_tables WHERE pubname = $1 AND schemaname = $2 AND tablename = $3',
      [publication, canaryTable.schema, canaryTable.name],
    );
    if (publication !== null && published.length === 0)
      await admin.query(`ALTER PUBLICATION ${quoted(publication)} ADD TABLE ${canaryName}`);
    return drop;
  } catch (error) {
    await drop().catch(() => {});
    throw error;
  }
}

import { canaryName } from '../../change/canary.ts';
import { canaryColumns, canaryLockSeconds } from '../canary-place.ts';
import type { CanaryPlace } from '../canary-place.ts';
import { accountOf } from './account.ts';

/**
 * The log holds the table's making, from which the connector knows its columns: one that was made before the connector
 * captured it would stop the connector.
 */
export async function makeCanary({ admin, own }: CanaryPlace): Promise<() => Promise<void>> {
  const [self] = await own.query('SELECT CURRENT_USER() AS role');
  const { account } = accountOf(String(self?.['role']));
  const [lock] = await admin.query(`SELECT GET_LOCK('tandem canary', ${canaryLockSeconds}) AS held`);
  if (Number(lock?.['held']) !== 1) throw new Error('another canary is in the same ledger');
  const drop = async () => {
    // It would outlive the table.
    await admin.query(`REVOKE IF EXISTS ALL PRIVILEGES ON ${canaryName} FROM ${account}`).catch(() => {});
    await admin.query(`DROP TABLE IF EXISTS ${canaryName}`);
    await admin.query(`DO RELEASE_LOCK('tandem canary')`);
  };
  try {
    await admin.query(`DROP TABLE IF EXISTS ${canaryName}`);
    await admin.query(`CREATE TABLE ${canaryName} (${canaryColumns}) DEFAULT CHARSET utf8mb4`);
    await admin.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${canaryName} TO ${account}`);
    return drop;
  } catch (error) {
    await drop().catch(() => {});
    throw error;
  }
}

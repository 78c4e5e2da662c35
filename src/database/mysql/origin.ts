import type { PoolConnection } from 'mysql2/promise';
import { originPrefix } from '../connection.ts';

/** Wrong value (before 8.3), no privilege, GTIDs off: this server gives the role no tag. */
const unsupported = new Set([1231, 1227, 1781, 1782, 1788, 1193]);

/** Tags every transaction of the connection from now on; false where the server or role cannot. */
export async function tagTransactions(connection: PoolConnection): Promise<boolean> {
  try {
    await connection.query(`SET SESSION gtid_next = 'AUTOMATIC:${originPrefix}'`);
    return true;
  } catch (error) {
    if (error instanceof Error && 'errno' in error && unsupported.has(error.errno as number)) return false;
    throw error;
  }
}

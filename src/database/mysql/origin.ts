import type { PoolConnection } from 'mysql2/promise';
import { originPrefix } from '../connection.ts';

/** This server gives the role no tag: no such syntax or variable (before 8.3), no privilege, or GTIDs off. */
const unsupported = new Set([1193, 1231, 1774, 1227, 6038, 1781, 6039]);

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

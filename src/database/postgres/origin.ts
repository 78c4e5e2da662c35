import { DatabaseError } from 'pg';
import type { ClientBase } from 'pg';
import { SyncError } from '../../errors/sync-error.ts';
import { originPrefix } from '../connection.ts';

/** SQLSTATE: the origin is active in another session. */
const inUse = '55006';
/** SQLSTATE: no such function, or no right to call it: this server gives the role no origins. */
const unsupported = new Set(['42501', '42883']);

/**
 * Leases a replication origin `tandem_<n>` for the life of the connection, and says whether it has one. False where
 * the role may not, or `tandem migrate` made none. Throws `unavailable` when every origin is in use: writing
 * without a mark then would look like an app's write.
 */
export async function leaseOrigin(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT roname AS name FROM pg_replication_origin WHERE roname ~ $1 ORDER BY roname',
    [`^${originPrefix}_[0-9]+$`],
  );
  const first = Math.floor(Math.random() * rows.length);
  for (let step = 0; step < rows.length; step += 1) {
    const { name } = rows[(first + step) % rows.length]!;
    const lease = await setUp(client, name);
    if (lease === 'leased') return true;
    if (lease === 'unsupported') return false;
  }
  if (rows.length === 0) return false;
  throw new SyncError(
    'unavailable',
    `all ${rows.length} replication origins are in use: raise their number with \`tandem migrate --origins\` and ` +
      'max_active_replication_origins (max_replication_slots before PostgreSQL 18) with it',
    { code: inUse },
  );
}

async function setUp(client: ClientBase, name: string): Promise<'leased' | 'in use' | 'unsupported'> {
  try {
    await client.query('SELECT pg_replication_origin_session_setup($1)', [name]);
    return 'leased';
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (error.code === inUse) return 'in use';
    if (unsupported.has(error.code ?? '')) return 'unsupported';
    throw error;
  }
}

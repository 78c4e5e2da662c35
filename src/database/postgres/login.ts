import { checkServerIdentity } from 'node:tls';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { explained, loginOf } from '../encryption.ts';

/** Where and how to connect, as the URL says; see `encryptionOf`. Neither PGSSLMODE nor the driver's own reading of `sslmode` counts. */
export function postgresLogin(url: string): Pick<ClientConfig, 'connectionString' | 'ssl'> {
  const { url: connectionString, mode, tls } = loginOf('postgres', url);
  return {
    connectionString,
    ssl: tls !== null && {
      ...tls,
      checkServerIdentity: mode === 'verify-full' ? checkServerIdentity : () => undefined,
    },
  };
}

/** See `explained`; the driver gives no code where the server speaks no TLS. */
export function explainedFailure(error: unknown): unknown {
  const speaksNoTls =
    error instanceof Error && error.message === 'The server does not support SSL connections';
  const known = speaksNoTls ? Object.assign(error, { code: 'HANDSHAKE_NO_SSL_SUPPORT' }) : error;
  return explained('postgres', known);
}

/** A connection of its own. */
export async function connectClient({
  url,
  ...options
}: { url: string } & Omit<ClientConfig, 'ssl' | 'connectionString'>): Promise<Client> {
  const client = new Client({ ...options, ...postgresLogin(url) });
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw explainedFailure(error);
  }
}

import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { createConnection } from 'mysql2/promise';
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { explained, loginOf } from '../encryption.ts';
import { codeOf } from '../transport.ts';

/** Where and how to connect, as the URL says; see `encryptionOf`. */
export function mysqlLogin(url: string): Pick<ConnectionOptions, 'uri' | 'ssl' | 'stream'> {
  const { url: uri, mode, tls } = loginOf('mysql', url);
  if (tls === null) return { uri };
  return { uri, ssl: { ...tls, verifyIdentity: mode === 'verify-full' }, stream: openSocket };
}

/**
 * The driver does not tell Node which address it connected to: a certificate would be compared with `localhost`
 * wherever the host is an address. Node looks for the name of the socket itself then.
 */
function openSocket({ config: { host, port } }: { config: { host: string; port: number } }): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  return isIP(host) === 0 ? socket : Object.assign(socket, { _host: host });
}

/** OpenSSL's words for Node's codes. */
const verificationCodes: Readonly<Record<string, string>> = {
  'certificate has expired': 'CERT_HAS_EXPIRED',
  'certificate is not yet valid': 'CERT_NOT_YET_VALID',
  'certificate signature failure': 'CERT_SIGNATURE_FAILURE',
  'self-signed certificate': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'self-signed certificate in certificate chain': 'SELF_SIGNED_CERT_IN_CHAIN',
  'unable to get local issuer certificate': 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'unable to verify the first certificate': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
};

/** See `explained`; the driver puts a code of its own over Node's, which tells nothing. */
export function explainedFailure(error: unknown): unknown {
  if (codeOf(error) !== 'HANDSHAKE_SSL_ERROR') return explained('mysql', error);
  const failure = error as Error;
  // Node's error for a name that does not match shows the certificate.
  const code = 'cert' in failure ? 'ERR_TLS_CERT_ALTNAME_INVALID' : verificationCodes[failure.message];
  return explained('mysql', code === undefined ? failure : Object.assign(failure, { code }));
}

/** A connection of its own. */
export async function connectAlone({
  url,
  ...options
}: { url: string } & Omit<ConnectionOptions, 'uri' | 'ssl' | 'stream'>): Promise<Connection> {
  try {
    return await createConnection({ ...options, ...mysqlLogin(url) });
  } catch (error) {
    throw explainedFailure(error);
  }
}

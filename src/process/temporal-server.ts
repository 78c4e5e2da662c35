import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { grpcStatus } from '../ingest/grpc-status.ts';
import type { PayloadKeys } from '../temporal/payload-keys.ts';
import { tlsFailure } from '../tls/failure.ts';

/** Where Temporal is, how a client logs in to it, and what its payloads are encrypted with. */
export interface TemporalServer {
  /** As host:port. */
  address: string;
  namespace: string;
  keys: PayloadKeys;
  /** PEM; absent: plain text. */
  tls?: {
    serverNameOverride?: string;
    serverRootCACertificate?: Buffer;
    clientCertPair?: { crt: Buffer; key: Buffer };
  };
  apiKey?: string;
}

/** The part of a client's options that says where and how to connect. */
export const temporalConnection = ({ address, tls, apiKey }: TemporalServer) => ({
  address,
  ...(tls && { tls }),
  ...(apiKey !== undefined && { apiKey }),
});

const settings = {
  server: 'Temporal',
  authority: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  certificate: 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
};

/** A server that asks for a certificate refuses after the handshake, within that time; milliseconds. */
const refusalMs = 1000;

/** Shakes hands as a client would: gRPC clients do not tell by a code what failed. Null where nothing did. */
function handshake({ address, tls }: TemporalServer): Promise<Error | null> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const host = hostname.replaceAll(/[[\]]/g, '');
  const servername = tls?.serverNameOverride ?? (isIP(host) === 0 ? host : undefined);
  const socket = connect({
    host,
    port: Number(port),
    ALPNProtocols: ['h2'],
    ca: tls?.serverRootCACertificate,
    cert: tls?.clientCertPair?.crt,
    key: tls?.clientCertPair?.key,
    ...(servername !== undefined && { servername }),
  });
  return new Promise((resolve) => {
    socket.once('error', resolve).once('close', () => resolve(null));
    socket.setTimeout(refusalMs, () => socket.destroy()).resume();
  });
}

export const noAnswer = ({ address }: TemporalServer): string =>
  `Temporal does not answer at ${address}: start it ('tandem stack up' the embedded one), or correct TEMPORAL_ADDRESS`;

/** One line that says why Temporal cannot be used, and what to do. */
export async function temporalFailure(server: TemporalServer, error: unknown): Promise<string> {
  const status = grpcStatus(error);
  if (status === 'UNAUTHENTICATED' || status === 'PERMISSION_DENIED')
    return `Temporal at ${server.address} refuses the login (${status}); correct TEMPORAL_API_KEY`;
  const refusal = server.tls && tlsFailure(await handshake(server), settings);
  return refusal ?? noAnswer(server);
}

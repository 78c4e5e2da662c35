import fastify from 'fastify';
import type { FastifyHttpsOptions, FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Server } from 'node:https';
import { ConfigError } from '../errors/config-error.ts';

/** What a server answers with over TLS, in PEM. */
export interface HttpTls {
  cert: Buffer;
  key: Buffer;
  /** Clients need a certificate that it signed; null: whoever comes is answered. */
  clientAuthority: Buffer | null;
}

/** A server, over TLS where it has a certificate. */
export function httpServer(options: FastifyServerOptions, tls: HttpTls | null): FastifyInstance {
  if (tls === null) return fastify(options);
  const { cert, key, clientAuthority } = tls;
  const client = clientAuthority === null ? {} : { ca: clientAuthority, requestCert: true };
  const encrypted = { ...options, https: { cert, key, ...client } };
  // Its type differs from that of a plain one by the server below, which nobody touches.
  return fastify(encrypted as unknown as FastifyHttpsOptions<Server>);
}

/** Starts a server and gives its port; throws `ConfigError` naming the variable where the port cannot be had. */
export async function listen(
  app: FastifyInstance,
  variable: string,
  host: string,
  port: number,
): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code } = error as NodeJS.ErrnoException;
    const problem =
      code === 'EADDRINUSE'
        ? `port ${port} is taken by another process; set another`
        : `cannot listen on ${host}:${port} (${code})`;
    throw new ConfigError([`${variable}: ${problem}`]);
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

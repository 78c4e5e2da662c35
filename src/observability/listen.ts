import type { FastifyInstance } from 'fastify';
import { ConfigError } from '../errors/config-error.ts';

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

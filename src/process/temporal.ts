import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { temporalDataConverter } from '../temporal/payload-codec.ts';
import { troubleWithTemporal } from './reach-temporal.ts';
import { logTemporalTo } from './temporal-runtime.ts';
import { temporalConnection } from './temporal-server.ts';
import type { TemporalServer } from './temporal-server.ts';

export interface Temporal {
  connection: NativeConnection;
  client: Client;
}

/** A connection that workers and client share (starts can then be eager); waits without limit for the server. */
export async function connectTemporal(
  server: TemporalServer,
  log: Logger,
  signal?: AbortSignal,
): Promise<Temporal> {
  logTemporalTo(log);
  const { address, namespace } = server;
  const connection = await pRetry(() => NativeConnection.connect(temporalConnection(server)), {
    retries: Infinity,
    minTimeout: 500,
    maxTimeout: 5000,
    ...(signal && { signal }),
    async onFailedAttempt() {
      log.warn({ address, error: await troubleWithTemporal(server) }, 'waiting for Temporal');
    },
  });
  return { connection, client: new Client({ connection, namespace, dataConverter: temporalDataConverter }) };
}

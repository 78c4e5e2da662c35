import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { temporalDataConverter } from '../temporal/payload-codec.ts';
import { logTemporalTo } from './temporal-runtime.ts';

export interface Temporal {
  connection: NativeConnection;
  client: Client;
}

export interface TemporalAddress {
  address: string;
  namespace: string;
}

/** A connection that workers and client share (starts can then be eager); waits without limit for the server. */
export async function connectTemporal(
  { address, namespace }: TemporalAddress,
  log: Logger,
  signal?: AbortSignal,
): Promise<Temporal> {
  logTemporalTo(log);
  const connection = await pRetry(() => NativeConnection.connect({ address }), {
    retries: Infinity,
    minTimeout: 500,
    maxTimeout: 5000,
    ...(signal && { signal }),
    onFailedAttempt: () => log.warn({ address }, 'waiting for Temporal'),
  });
  return { connection, client: new Client({ connection, namespace, dataConverter: temporalDataConverter }) };
}

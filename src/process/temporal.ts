import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { dataConverter } from '../temporal/data-converter.ts';
import type { TemporalServer } from './config/temporal.ts';
import { logTemporalTo } from './temporal-runtime.ts';

export interface Temporal {
  connection: NativeConnection;
  client: Client;
  converter: DataConverter;
}

/** A connection that workers and client share (starts can then be eager); waits without limit for the server. */
export async function connectTemporal(
  { address, namespace, keys }: TemporalServer,
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
  const converter = dataConverter(keys);
  return { connection, client: new Client({ connection, namespace, dataConverter: converter }), converter };
}

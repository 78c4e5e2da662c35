import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { noTracing } from '../observability/tracing.ts';
import { dataConverter } from '../temporal/data-converter.ts';
import type { TemporalServer } from './config/temporal.ts';
import { installTemporalRuntime } from './temporal-runtime.ts';
import { tracedStarts } from './temporal-tracing.ts';

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
  tracing = noTracing,
): Promise<Temporal> {
  const connect = async () => {
    await installTemporalRuntime(log);
    return NativeConnection.connect({ address });
  };
  const connection = await pRetry(connect, {
    retries: Infinity,
    minTimeout: 500,
    maxTimeout: 5000,
    ...(signal && { signal }),
    onFailedAttempt: () => log.warn({ address }, 'waiting for Temporal'),
  });
  const converter = dataConverter(keys);
  const client = new Client({
    connection,
    namespace,
    dataConverter: converter,
    ...(tracing.on && { interceptors: { workflow: [tracedStarts(tracing)] } }),
  });
  return { connection, client, converter };
}

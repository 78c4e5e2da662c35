import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { noTracing } from '../observability/tracing.ts';
import { dataConverter } from '../temporal/data-converter.ts';
import { troubleWithTemporal } from './reach-temporal.ts';
import { installTemporalRuntime } from './temporal-runtime.ts';
import { temporalConnection } from './temporal-server.ts';
import type { TemporalServer } from './temporal-server.ts';
import { tracedStarts } from './temporal-tracing.ts';

export interface Temporal {
  connection: NativeConnection;
  client: Client;
  converter: DataConverter;
}

/** A connection that workers and client share (starts can then be eager); waits without limit for the server. */
export async function connectTemporal(
  server: TemporalServer,
  log: Logger,
  signal?: AbortSignal,
  tracing = noTracing,
): Promise<Temporal> {
  const { address, namespace, keys } = server;
  const connect = async () => {
    await installTemporalRuntime(log);
    return NativeConnection.connect(temporalConnection(server));
  };
  const connection = await pRetry(connect, {
    retries: Infinity,
    minTimeout: 500,
    maxTimeout: 5000,
    ...(signal && { signal }),
    async onFailedAttempt() {
      log.warn({ address, error: await troubleWithTemporal(server) }, 'waiting for Temporal');
    },
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

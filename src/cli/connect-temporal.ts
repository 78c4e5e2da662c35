import { Client } from '@temporalio/client';
import { reachTemporal } from '../process/reach-temporal.ts';
import type { TemporalServer } from '../process/temporal-server.ts';
import { dataConverter } from '../temporal/data-converter.ts';

/** A client that reads and writes as the workers do. Throws when the server does not answer within 10 s. */
export async function connectTemporal(server: TemporalServer): Promise<Client> {
  const connection = await reachTemporal(server, 10_000);
  return new Client({ connection, namespace: server.namespace, dataConverter: dataConverter(server.keys) });
}

import { Client, Connection } from '@temporalio/client';
import { temporalDataConverter } from '../temporal/payload-codec.ts';

/** A client that reads and writes as the workers do. Throws when the server does not answer within 10 s. */
export async function connectClient(address: string, namespace: string): Promise<Client> {
  const connection = await Connection.connect({ address, connectTimeout: '10s' });
  return new Client({ connection, namespace, dataConverter: temporalDataConverter });
}

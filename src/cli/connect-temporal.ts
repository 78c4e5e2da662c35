import { Client, Connection } from '@temporalio/client';
import { temporalDataConverter } from '../temporal/payload-codec.ts';

/** A client that reads and writes as the workers do. Throws when the server does not answer within 10 s. */
export async function connectTemporal(address: string, namespace: string): Promise<Client> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '10s' });
    return new Client({ connection, namespace, dataConverter: temporalDataConverter });
  } catch (error) {
    throw new Error(
      `Temporal does not answer at ${address}: start it ('tandem stack up' the embedded one), or correct TEMPORAL_ADDRESS`,
      { cause: error },
    );
  }
}

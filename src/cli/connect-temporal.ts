import { Client, Connection } from '@temporalio/client';
import type { TemporalServer } from '../process/config/temporal.ts';
import { dataConverter } from '../temporal/data-converter.ts';

/** A client that reads and writes as the workers do. Throws when the server does not answer within 10 s. */
export async function connectTemporal({ address, namespace, keys }: TemporalServer): Promise<Client> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '10s' });
    return new Client({ connection, namespace, dataConverter: dataConverter(keys) });
  } catch (error) {
    throw new Error(
      `Temporal does not answer at ${address}: start it ('tandem stack up' the embedded one), or correct TEMPORAL_ADDRESS`,
      { cause: error },
    );
  }
}

import type { Client } from '@temporalio/client';
import { loadSettings } from '../process/config/settings.ts';
import { temporalServer } from '../process/config/temporal.ts';
import { connectTemporal } from './connect-temporal.ts';

/** Lends a command a client of the configured Temporal. */
export async function withTemporal(work: (client: Client) => Promise<void>): Promise<void> {
  const client = await connectTemporal(temporalServer(loadSettings()));
  try {
    await work(client);
  } finally {
    await client.connection.close();
  }
}

import type { Client } from '@temporalio/client';
import { grpcStatus } from '../../ingest/grpc-status.ts';
import { told } from './told.ts';
import type { Told } from './told.ts';

/** Below what `told` waits, milliseconds: one that is away is so for all questions alike. */
const rpcMs = 2500;

const absent: readonly string[] = ['DEADLINE_EXCEEDED', 'UNAVAILABLE'];

/** Asks Temporal as `told` does. */
export const askTemporal = <T>(client: Client, address: string, ask: () => Promise<T>): Promise<Told<T>> =>
  told<Told<T>>('Temporal', async () => {
    try {
      return await client.withDeadline(Date.now() + rpcMs, ask);
    } catch (error) {
      if (!absent.includes(grpcStatus(error))) throw error;
      // Its own words differ from call to call.
      return { away: `Temporal does not answer at ${address}` };
    }
  });

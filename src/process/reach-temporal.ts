import { Connection } from '@temporalio/client';
import { noAnswer, temporalConnection, temporalFailure } from './temporal-server.ts';
import type { TemporalServer } from './temporal-server.ts';

/** A connection for questions of an operator; throws within the time, milliseconds, with a line that says what to do. */
export async function reachTemporal(server: TemporalServer, timeoutMs: number): Promise<Connection> {
  try {
    return await Connection.connect({ ...temporalConnection(server), connectTimeout: timeoutMs });
  } catch (error) {
    throw new Error(await temporalFailure(server, error), { cause: error });
  }
}

/** Long enough for a handshake, milliseconds. */
const askMs = 2000;

/** Why workers do not reach Temporal, in one line: their connections give texts, which a client's codes explain. */
export async function troubleWithTemporal(server: TemporalServer): Promise<string> {
  if (server.tls)
    try {
      await (await reachTemporal(server, askMs)).close();
    } catch (error) {
      return (error as Error).message;
    }
  return noAnswer(server);
}

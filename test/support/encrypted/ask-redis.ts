import { createClient } from '@redis/client';
import { RedisConnection, redisOptions } from '../../../src/effects/redis-connection.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { redisServer } from '../../../src/process/config/redis.ts';
import { loadSettings } from '../../../src/process/config/settings.ts';

/** Whether Redis, as these variables say where it is, answers; throws where it does not. */
export async function askRedis(variables: Readonly<Record<string, string | undefined>>): Promise<void> {
  const client = createClient(redisOptions(redisServer(loadSettings(new Environment(variables)))));
  const connection = new RedisConnection(client, () => {});
  try {
    await connection.ask('answer', () => client.ping(), 1000);
  } finally {
    await connection.close();
  }
}

if (process.argv[1] === import.meta.filename)
  await askRedis(process.env).catch((error: unknown) => {
    process.stdout.write((error as Error).message);
    process.exitCode = 1;
  });

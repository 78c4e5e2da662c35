import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import type { Part, PartContext, Server } from '../part.ts';
import { redisDownload, redisFetched, redisOnPath } from './redis-binaries.ts';
import type { RedisBinaries } from './redis-binaries.ts';

const url = (port: number) => `redis://127.0.0.1:${port}`;

/** What it has taken is on disk: a message that was acknowledged outlives the server. */
const settings = (port: number, data: string): string[] =>
  [
    ['--bind', '127.0.0.1'],
    ['--port', String(port)],
    ['--dir', data],
    ['--appendonly', 'yes'],
    ['--appendfsync', 'always'],
    ['--save', ''],
  ].flat();

async function probe(port: number): Promise<void> {
  const client = createClient({
    url: url(port),
    socket: { connectTimeout: 2000, reconnectStrategy: false },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.destroy();
  }
}

function server(context: PartContext, binaries: RedisBinaries): Server {
  const port = context.port('REDIS');
  const folder = context.folders.data('redis');
  const data = join(folder, 'files');
  return {
    version: binaries.version,
    command: {
      file: binaries.file,
      args: [...binaries.args, ...settings(port, data)],
      cwd: folder,
      stopSignal: 'SIGTERM',
    },
    prepare: async () => void (await mkdir(data, { recursive: true })),
    probe: () => probe(port),
  };
}

/** Redis, where a pipeline publishes to it or keeps a cache in it, reachable over loopback TCP. */
export const redis: Part = {
  name: 'redis',
  title: 'Redis',
  after: [],
  ports: [{ name: 'REDIS', base: 16_379 }],
  diskBytes: 100_000_000,
  memoryBytes: 100_000_000,
  addresses: ({ servers, port }) => (servers.redis ? [{ required: { REDIS_URL: url(port('REDIS')) } }] : []),
  async plan(context) {
    const onPath = await redisOnPath(context.environment);
    if (onPath)
      return { source: 'path', downloads: [], server: () => Promise.resolve(server(context, onPath)) };
    return {
      source: 'download',
      downloads: [redisDownload],
      server: async () => server(context, await redisFetched(context.folders.downloads)),
    };
  },
};

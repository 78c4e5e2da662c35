import { expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { redisMessages } from '../../src/effects/redis-messages.ts';
import { packageRoot } from '../../src/package-root.ts';
import { daprResources, findDaprd } from '../support/daprd.ts';
import { freshDatabase } from '../support/databases.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { runPipeline } from '../support/pipeline-system.ts';
import { testAddresses } from '../support/test-stack.ts';

/** A process that ends with the test. */
const child = (file: string, args: readonly string[], env: Record<string, string> = {}) => {
  const running = execa(file, args, { env, reject: false, all: true, buffer: { all: true } });
  return {
    running,
    async [Symbol.asyncDispose]() {
      running.kill('SIGTERM');
      await running;
    },
  };
};

const daprd = await findDaprd();
if (daprd === null)
  process.stderr.write('skipped: there is no daprd on PATH; npm run test:full builds one with Go\n');

(daprd === null ? test.skip : test)(
  'a Dapr subscriber and a plain reader both get every message, through a sidecar and without',
  async () => {
    const redisUrl = testAddresses()['REDIS_URL']!;
    const folder = await mkdtemp(join(tmpdir(), 'tandem-dapr-'));
    try {
      await daprResources(folder, new URL(redisUrl).host);
      await using service = await freshDatabase('postgres', { migrated: false });
      const [appPort, httpPort, grpcPort, internalPort] = await Promise.all([
        freePort(),
        freePort(),
        freePort(),
        freePort(),
      ]);
      await using _subscriber = child(process.execPath, [join(packageRoot, 'deploy/dapr/subscriber.mjs')], {
        DATABASE_URL: service.adminUrl,
        PORT: String(appPort),
      });
      const sidecar = () =>
        child(
          daprd!,
          [
            ['--app-id', 'migration-services', '--app-port', String(appPort)],
            ['--dapr-http-port', String(httpPort), '--dapr-grpc-port', String(grpcPort)],
            ['--dapr-internal-grpc-port', String(internalPort), '--enable-metrics=false'],
            ['--resources-path', folder, '--log-level', 'warn'],
          ].flat(),
        );
      const key = (Math.floor(Date.now() / 100) % 4_000_000) * 1000 + 100;
      const keys = Array.from({ length: 30 }, (_, at) => key + at);
      const write = async (shop: Awaited<ReturnType<typeof runPipeline>>, from: number, to: number) => {
        for (const id of keys.slice(from, to))
          await shop.app('magento', 'INSERT INTO customer_entity (entity_id, firstname) VALUES (?, ?)', [
            id,
            'Ada',
          ]);
      };
      {
        await using first = sidecar();
        await using shop = await runPipeline('magento', {
          EVENT_BUS: 'dapr',
          DAPR_HTTP_ENDPOINT: `http://127.0.0.1:${httpPort}`,
        });
        await write(shop, 0, 5);
        first.running.kill('SIGKILL');
        await first.running;
        await write(shop, 5, 10);
        await using _second = sidecar();
        await shop.whileStopped(() => write(shop, 10, 15));
        await eventually(
          'everything to be told',
          async () => (await told(service, keys.slice(0, 15))) === 15,
        );
      }
      {
        await using _sidecar = sidecar();
        await using shop = await runPipeline('magento', { EVENT_BUS: 'redis' });
        await write(shop, 15, 30);
        await eventually('everything to be told', async () => (await told(service, keys)) === 30);
        await shop.app('magento', 'DELETE FROM customer_entity WHERE entity_id = ?', [key]);
        await eventually('the delete to be told', async () => {
          const [row] = await service.query('SELECT deleted, data FROM migrated WHERE magento_id = $1', [
            key,
          ]);
          return row?.['deleted'] === true;
        });
      }
      const messages = await redisMessages({ url: redisUrl }, 'migration.customer.changed');
      const read = messages.map(({ data }) => Number(data['magento_id']));
      expect(new Set(read.filter((id) => keys.includes(id))).size).toBe(keys.length);
      const through = messages.find(({ data }) => Number(data['magento_id']) === key)!;
      const without = messages.find(({ data }) => Number(data['magento_id']) === keys.at(-1))!;
      expect(Object.keys(through)).toEqual(expect.arrayContaining(Object.keys(without)));
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

async function told(service: Awaited<ReturnType<typeof freshDatabase>>, keys: readonly number[]) {
  const [row] = await service
    .query(`SELECT count(*)::int AS n FROM migrated WHERE magento_id IN (${keys.join()}) AND NOT deleted`)
    .catch(() => [{ n: 0 }]);
  return Number(row!['n']);
}

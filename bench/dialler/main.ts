import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { openDatabase } from '../../src/database/open.ts';
import { connectPlain } from '../../src/database/plain-connection.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { applyConnectors } from '../../src/process/connectors.ts';
import { loadPipeline } from '../../src/process/pipelines.ts';
import { prepareDatabases } from '../../src/process/prepare.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import type { BackfillStatus } from '../../src/temporal/backfill.ts';
import type { ListedJob } from '../../src/cli/list-jobs.ts';
import { benchStack } from '../../test/support/test-stack.ts';
import { nextLine, startChild, stopChild } from '../child.ts';
import { median } from '../rate.ts';
import { writeResult } from '../result-file.ts';
import { generate } from './generate.ts';
import { measurePropagation } from './propagation.ts';
import { checkOneByOne, emptyQueue, queueLength } from './queue.ts';
import { requestContexts } from './requests.ts';
import { replicaQueries } from './savings.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '50000' },
    claims: { type: 'string', default: '150000' },
    requests: { type: 'string', default: '50000' },
    keep: { type: 'boolean', default: false },
  },
});
const [users, claims, requests] = [values.users, values.claims, values.requests].map(Number) as [
  number,
  number,
  number,
];
const figures: Record<string, unknown> = { users, claims, requests };
const say = (line: string) => process.stdout.write(`${line}\n`);
const note = <T>(name: string, figure: T): T => {
  figures[name] = figure;
  say(`${name}: ${JSON.stringify(figure)}`);
  return figure;
};

const stack = benchStack();
await stack.down({ wipe: true });
try {
  await stack.up();
  const addresses: Record<string, string | undefined> = {
    ...readEnvFile(stack.folders.env),
    METRICS_PORT: '0',
    HEALTH_PORT: '0',
    ENDPOINTS_PORT: '0',
  };
  const environment = new Environment(addresses);
  const pipeline = await loadPipeline('dialler');
  await prepareDatabases(pipeline, environment, { sample: false });
  await applyConnectors({ pipeline, environment });
  figures['versions'] = JSON.parse(readFileSync(stack.folders.versions, 'utf8'));
  const replica = await connectPlain('mysql', addresses['REPLICA_ADMIN_URL']!);
  const dialler = await connectPlain('postgres', addresses['DIALLER_ADMIN_URL']!);
  say('generating');
  await generate(replica, { users, claims });
  await replica.query('SET SESSION sql_log_bin = 1');

  const child = { ...process.env, ...addresses };
  const command = async <T>(...words: string[]): Promise<T> =>
    JSON.parse(await text(startChild('../src/cli/main.ts', words, child).stdout!)) as T;
  const start = async (own: NodeJS.ProcessEnv = {}) => {
    const tandem = startChild('./tandem.ts', ['dialler'], { ...child, ...own });
    const [, base] = (await nextLine(tandem)).split(' ') as [string, string];
    return { tandem, base };
  };

  let { tandem, base } = await start();
  try {
    say('backfill');
    const { steps } = await command<BackfillStatus>('backfill', 'dialler', '--json');
    const rows = steps.reduce((sum, step) => sum + step.rows, 0);
    const seconds = (Date.parse(steps.at(-1)!.endedAt!) - Date.parse(steps[0]!.startedAt!)) / 1000;
    note('backfill', { rows, seconds, perSecond: rows / seconds });

    const refresh = async () => {
      await command('jobs', 'run', 'dialler', 'refresh-queue', '--json');
      const jobs = await command<ListedJob[]>('jobs', 'list', 'dialler', '--json');
      const { startedAt, endedAt } = jobs.find(({ job }) => job === 'refresh-queue')!.last!;
      return Date.parse(endedAt!) - Date.parse(startedAt);
    };
    const refreshes: number[] = [];
    for (let round = 0; round < 3; round++) {
      await emptyQueue(dialler);
      refreshes.push(note('refresh of an empty queue, ms', await refresh()));
    }
    note('refresh of a queue that is right', { ms: await refresh(), entries: await queueLength(dialler) });
    const own = openDatabase({
      engine: 'postgres',
      side: 'dialler',
      url: addresses['DIALLER_DATABASE_URL']!,
      poolSize: 10,
    });
    await emptyQueue(dialler);
    const sample = Math.min(users, 5000);
    const oneByOne = await checkOneByOne(own.sql, sample);
    await own.close();
    const refreshMs = median(refreshes);
    note('queue', {
      refreshMs,
      oneByOnePerSecond: oneByOne,
      oneByOneMs: (users / oneByOne) * 1000,
      timesFaster: ((users / oneByOne) * 1000) / refreshMs,
    });
    await refresh();

    const everyone = Array.from({ length: requests }, (_, at) => 1 + (at % users));
    note('contexts, cold', await requestContexts(base, everyone));
    note('contexts, warm', await requestContexts(base, everyone));

    const measured = { base, redisUrl: addresses['REDIS_URL']!, replica, dialler };
    note('propagation, idle', await measurePropagation(measured, { perSecond: 2, count: 100 }));
    note(
      'propagation, 20 changes a second',
      await measurePropagation(measured, { perSecond: 20, count: 1200 }),
    );
  } finally {
    await stopChild(tandem);
  }

  const mix = { users, requests, requestsPerChange: 50 };
  const change = async (user: number) => {
    await replica.query(
      `UPDATE claims SET lender = CONCAT('Lender ', FLOOR(RAND() * 1000)) WHERE user_id = ${user} LIMIT 1`,
    );
  };
  // Without a cache there is none to be dropped: its effects would wait for Redis.
  const unchanged = () => Promise.resolve();
  const counted: Record<string, number> = {};
  for (const [name, redisUrl] of [
    ['without', 'redis://127.0.0.1:1'],
    ['with', addresses['REDIS_URL']!],
  ] as const) {
    ({ tandem, base } = await start({ REDIS_URL: redisUrl }));
    try {
      counted[name] = await replicaQueries(base, replica, mix, name === 'with' ? change : unchanged);
    } finally {
      await stopChild(tandem);
    }
  }
  note('replica queries', { mix, ...counted, saved: 1 - counted['with']! / counted['without']! });
  await Promise.all([replica.close(), dialler.close()]);
} finally {
  if (!values.keep) await stack.down();
}
say(`written to ${await writeResult('dialler-', figures)}`);

import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectPlain } from '../../src/database/plain-connection.ts';
import { ConnectRest } from '../../src/process/connectors/connect-rest.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import { chaosStack } from '../support/test-stack.ts';
import { modes } from './mode.ts';
import { deadLetters } from './open-work.ts';
import { openSystem } from './system.ts';

/**
 * `npm run test:waiting -- --children 20000 --minutes 15`: so many children wait, and go on waiting for so long while their
 * parents' connector is down, past their deadline, without a dead letter; all are applied once it is back. Parents and
 * children of one side then come by a connector each. On the chaos run's servers, or others with `--port-offset`.
 */
const { values } = parseArgs({
  options: {
    children: { type: 'string', default: '20000' },
    minutes: { type: 'string', default: '15' },
    'port-offset': { type: 'string', default: '2000' },
  },
});
const children = Number(values.children);
const downMs = Number(values.minutes) * 60_000;
const parents = 200;
const [parentTables, childTables] = ['public.legacy_users', 'public.legacy_posts,public.legacy_likes'];

const began = Date.now();
const say = (line: string) =>
  void process.stdout.write(`${((Date.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);

const stack = chaosStack(Number(values['port-offset']));
await stack.down({ wipe: true });
const failures: string[] = [];
try {
  await using system = await openSystem(stack, modes.full);
  const connectUrl = readEnvFile(stack.folders.env)['CONNECT_URL']!;
  const rest = new ConnectRest(connectUrl, { patienceMs: 60_000 });
  const legacy = await connectPlain('postgres', system.adminUrls.legacy);
  const revamp = await connectPlain('mysql', system.adminUrls.revamp);
  const since = new Date();
  try {
    const config = (await rest.config('blog-legacy'))!;
    await rest.configure('blog-legacy-children', {
      ...config,
      name: 'blog-legacy-children',
      'slot.name': `${config['slot.name']}_children`,
      'table.include.list': childTables,
      'snapshot.mode': 'no_data',
    });
    await rest.configure('blog-legacy', { ...config, 'table.include.list': parentTables });
    for (const each of system.processes) await each.start();
    await Promise.all(system.processes.map((each) => each.ready()));
    await until(
      'both connectors to run',
      async () => (await running('blog-legacy')) && running('blog-legacy-children'),
    );

    await tell('stop');
    say(`the parents' connector is stopped; writing ${parents} parents and ${children} children`);
    await legacy.query(
      `INSERT INTO legacy_users (username, email) SELECT 'w' || n, 'w' || n || '@x.example' FROM generate_series(1, ${parents}) n`,
    );
    for (let n = 0; n < children; n += 1000)
      await legacy.query(
        `INSERT INTO legacy_posts (user_id, post_title)
          SELECT u.id, 'child ' || g FROM generate_series(${n + 1}, ${Math.min(n + 1000, children)}) g
          JOIN legacy_users u ON u.username = 'w' || (1 + g % ${parents})`,
      );
    const look = async () => {
      await delay(30_000);
      const waiting = await count('SELECT COUNT(*) AS n FROM tandem.waiting_events');
      say(`${waiting} wait, ${await dead()} dead letters, ${await open()} open`);
      return waiting;
    };
    await until('every child to wait', async () => (await look()) === children);
    const allWaitSince = Date.now();
    say(`all wait; ${values.minutes} minutes more`);
    while (Date.now() - allWaitSince < downMs) await look();

    await tell('resume');
    const backSince = Date.now();
    say("the parents' connector is back");
    await until('every child to have arrived', async () => {
      await delay(15_000);
      const arrived = await count('SELECT COUNT(*) AS n FROM revamp_posts');
      say(`${arrived} arrived, ${await dead()} dead letters, ${await open()} open`);
      return arrived === children && (await open()) === 0;
    });
    say(`all arrived ${((Date.now() - backSince) / 1000).toFixed(0)} s after the connector was back`);
  } catch (error) {
    failures.push(String(error));
  }
  failures.push(...(await deadLetters(system.client, since)));
  failures.push(...system.processes.flatMap(({ deaths }) => deaths));
  await legacy.close();
  await revamp.close();

  async function tell(what: 'stop' | 'resume'): Promise<void> {
    const { ok, status } = await fetch(`${connectUrl}/connectors/blog-legacy/${what}`, { method: 'PUT' });
    if (!ok) throw new Error(`Kafka Connect answers ${status} to ${what}`);
  }
  async function running(name: string): Promise<boolean> {
    const status = await rest.status(name);
    return (
      status?.state === 'RUNNING' &&
      status.tasks.length > 0 &&
      status.tasks.every((task) => task.state === 'RUNNING')
    );
  }
  async function count(query: string): Promise<number> {
    const [row] = await revamp.query(query);
    return Number(row!['n']);
  }
  function dead(): Promise<number> {
    return system.running('deadLetter', since);
  }
  function open(): Promise<number> {
    return system.running('syncChange', since);
  }
} finally {
  await stack.down();
}
for (const failure of failures) say(`FAILED: ${failure}`);
say(
  failures.length === 0
    ? `${children} children waited and arrived, no dead letter`
    : `${failures.length} failures`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 90 * 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await delay(500);
  }
}

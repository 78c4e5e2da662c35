import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { execa } from 'execa';
import { connectTemporal } from '../../src/cli/connect-temporal.ts';
import type { DeadLetterCount } from '../../src/cli/dead-letter-counts.ts';
import { deadLetterQuery } from '../../src/temporal/dead-letter-filter.ts';
import type { Decided } from '../../src/cli/decide-dead-letters.ts';
import { connectPlain } from '../../src/database/plain-connection.ts';
import { packageRoot } from '../../src/package-root.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { temporalServer } from '../../src/process/config/temporal.ts';
import { applyConnectors } from '../../src/process/connectors.ts';
import { loadPipeline } from '../../src/process/pipelines.ts';
import { prepareDatabases } from '../../src/process/prepare.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import { benchStack } from '../../test/support/test-stack.ts';
import { nextLine, startChild, stopChild } from '../child.ts';
import { median, middleRate } from '../rate.ts';
import { writeResult } from '../result-file.ts';
import { retryRuns, runsSince } from './runs.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '1000' }, rate: { type: 'string', default: '20' } },
});
const count = Number(values.count);
const program = join(packageRoot, 'dist', 'src', 'cli', 'main.js');
const say = (line: string) => process.stdout.write(`${line}\n`);
const shown = ({ wall, processor }: { wall: number; processor: number }) =>
  `${wall.toFixed(2)} (${processor.toFixed(2)})`;
const seconds = (since: number) => (performance.now() - since) / 1000;

const stack = benchStack();
await stack.down({ wipe: true });
try {
  await stack.up();
  const addresses: Record<string, string | undefined> = {
    ...readEnvFile(stack.folders.env),
    METRICS_PORT: '0',
    HEALTH_PORT: '0',
    // All events fail, on purpose: the fuse would hold them instead.
    SYNC_FUSE_ERRORS: '0',
  };
  const environment = new Environment(addresses);
  const pipeline = await loadPipeline('blog');
  await prepareDatabases(pipeline, environment, { sample: false });
  await applyConnectors({ pipeline, environment });
  const client = await connectTemporal(temporalServer(loadSettings(environment)));
  const [legacy, revamp] = await Promise.all([
    connectPlain('postgres', addresses['LEGACY_ADMIN_URL']!),
    connectPlain('mysql', addresses['REVAMP_ADMIN_URL']!),
  ]);

  const env = { ...process.env, ...addresses };
  /** As an operator would run it. */
  const tandem = (...words: string[]) =>
    execa(process.execPath, [program, ...words], {
      env,
      reject: false,
    });
  /** Medians of five: what the clock says, and the processor time of the command, which does not depend on what else runs. */
  const timed = async (...words: string[]) => {
    const wall: number[] = [];
    const processor: number[] = [];
    for (let round = 0; round < 5; round++) {
      const began = performance.now();
      const { exitCode, stderr } = await execa(
        'bash',
        ['-c', 'TIMEFORMAT="%U %S"; time "$@" >/dev/null', 'bash', process.execPath, program, ...words],
        { env, reject: false },
      );
      if (exitCode !== 0) throw new Error(`tandem ${words.join(' ')}: ${stderr}`);
      wall.push(seconds(began));
      processor.push(stderr.split(/\s+/).reduce((sum, each) => sum + Number(each), 0));
    }
    return { wall: median(wall), processor: median(processor) };
  };
  const found = async (query: string) => (await client.workflow.count(query)).count;
  const start = async () => {
    const child = startChild('./tandem.ts', ['blog'], env);
    await nextLine(child);
    return child;
  };

  let running = await start();
  try {
    say(`making ${count} dead letters of one cause`);
    const began = performance.now();
    await legacy.query(
      `INSERT INTO legacy_users (username, email, phone_number)
         SELECT 'dead_' || n, 'dead_' || n || '@example.com', repeat('7', 40) FROM generate_series(1, ${count}) n`,
    );
    while ((await found(deadLetterQuery({}))) < count) await delay(1000);
    const raised = { seconds: seconds(began) };
    const [one] = JSON.parse((await tandem('dlq', 'list', '--count', '--json')).stdout) as [DeadLetterCount];
    const list = {
      table: await timed('dlq', 'list'),
      json: await timed('dlq', 'list', '--json'),
      count: await timed('dlq', 'list', '--count'),
    };

    say('repairing the cause');
    await revamp.query('ALTER TABLE revamp_users MODIFY mobile VARCHAR(64)');
    await stopChild(running);
    running = await start();

    const retry = () =>
      tandem('dlq', 'retry', '--signature', one.signature!, '--rate', values.rate, '--json');
    const since = new Date();
    say('retrying, and interrupting it');
    const first = retry();
    while ((await found(runsSince(since))) < count / 4) await delay(200);
    first.kill('SIGINT');
    const interrupted = await first;
    say('retrying the rest');
    const resumedAt = Date.now();
    const resumed = await retry();
    if (resumed.exitCode !== 0) throw new Error(`the second run: ${resumed.stderr}`);
    while ((await found(deadLetterQuery({}))) > 0) await delay(200);
    const { startedAt, ...runs } = await retryRuns(client, since);
    const rows = await revamp.query("SELECT count(*) AS n FROM revamp_users WHERE user_name LIKE 'dead%'");

    const told = ({ exitCode, stdout }: typeof resumed) => ({
      exitCode,
      begun: (JSON.parse(stdout) as Decided[]).filter(({ skipped }) => skipped === null).length,
    });
    const figures = {
      count,
      versions: JSON.parse(readFileSync(stack.folders.versions, 'utf8')) as object,
      raised,
      loadAverage: loadavg(),
      listSeconds: list,
      retries: {
        wantedPerSecond: Number(values.rate),
        perSecond: middleRate(startedAt.filter((at) => at >= resumedAt)),
        interrupted: told(interrupted),
        resumed: told(resumed),
        ...runs,
        rowsOnTheOtherSide: Number(rows[0]!['n']),
      },
    };
    const table = new Table({ head: ['measure', ''], style: { head: [], border: [] } });
    table.push(
      ['dead letters of one cause', count],
      ['tandem dlq list, s (processor)', shown(list.table)],
      ['tandem dlq list --count, s (processor)', shown(list.count)],
      [`retries a second, --rate ${values.rate}`, figures.retries.perSecond.toFixed(1)],
      [
        'begun before and after the interrupt',
        `${figures.retries.interrupted.begun} + ${figures.retries.resumed.begun}`,
      ],
      ['events, runs', `${runs.events}, ${runs.runs}`],
      ['outcomes', JSON.stringify(runs.outcomes)],
      ['dead letters by number of retries', JSON.stringify(runs.retries)],
      ['rows on the other side', figures.retries.rowsOnTheOtherSide],
    );
    say(table.toString());
    say(`written to ${await writeResult('dead-letters-', figures)}`);
  } finally {
    await stopChild(running);
  }
  await Promise.all([legacy.close(), revamp.close(), client.connection.close()]);
} finally {
  await stack.down();
}

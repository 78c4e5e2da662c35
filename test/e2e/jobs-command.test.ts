import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ScheduleNotFoundError } from '@temporalio/client';
import type { Client, ScheduleDescription } from '@temporalio/client';
import { packageRoot } from '../../src/package-root.ts';
import { createLogger } from '../../src/observability/logger.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import { loadPipeline } from '../../src/process/pipelines.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import type { Temporal } from '../../src/process/temporal.ts';
import type { ListedJob } from '../../src/cli/list-jobs.ts';
import type { JobStart } from '../../src/cli/trigger-job.ts';
import type { JobStatus } from '../../src/temporal/jobs.ts';
import { jobId } from '../../src/temporal/names.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { eventually } from '../support/eventually.ts';
import { runDefined, testEnvironment, testTemporal } from '../support/pipeline-system.ts';
import { testAddresses } from '../support/test-stack.ts';

const module = join(packageRoot, 'test', 'support', 'counting-jobs.js');

let temporal: Temporal;
let database: TestDatabase;
let pipeline: CompiledPipeline;
let running: Awaited<ReturnType<typeof runDefined>>;

beforeAll(async () => {
  await buildCli();
  database = await freshDatabase('postgres');
  await database.query('CREATE TABLE numbers AS SELECT id FROM generate_series(1, 35) AS id');
  pipeline = await loadPipeline(module);
  temporal = await connectTemporal(testTemporal(), createLogger({ level: 'silent' }));
  running = await start();
});

afterAll(async () => {
  for (const { name } of pipeline.jobs) await remove(temporal.client, name);
  await running.stop();
  await temporal.connection.close();
  await database[Symbol.asyncDispose]();
});

async function remove(client: Client, job: string): Promise<void> {
  const schedule = client.schedule.getHandle(jobId('counting', job));
  const found = await schedule.describe().catch(() => null);
  if (!found) return;
  await schedule.delete();
  for (const { workflow } of found.info.runningActions)
    await client.workflow
      .getHandle(workflow.workflowId)
      .terminate('the test is over')
      .catch(() => {});
}

const start = (jobs = pipeline.jobs) =>
  runDefined(testEnvironment({ COUNTED_DATABASE_URL: database.url }), { ...pipeline, jobs });

const environment = { ...testAddresses(), TANDEM_PIPELINES: module };
const jobs = (...words: string[]) => tandem(['jobs', ...words], environment);
const listed = async (job: string) =>
  (JSON.parse((await jobs('list', 'counting', '--json')).stdout) as ListedJob[]).find(
    (each) => each.job === job,
  )!;
const describe = (job: string): Promise<ScheduleDescription> =>
  temporal.client.schedule.getHandle(jobId('counting', job)).describe();
const taken = async (job: string) => (await describe(job)).info.numActionsTaken;

test('a job runs at once, shows what it did, and is listed', async () => {
  const asked = Date.now();
  const ran = await jobs('run', 'counting', 'count');
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  // Not at the time of its next look.
  expect(Date.now() - asked).toBeLessThan(10_000);
  expect(ran.stdout).toContain('counting/count: done 4 pages, 35 rows');
  const again = await jobs('run', 'counting', 'count', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({
    joined: false,
    state: 'done',
    pages: 4,
    counts: { rows: 35 },
  });
  expect(await listed('count')).toMatchObject({
    everyMs: 3_600_000,
    scheduled: true,
    paused: null,
    next: expect.any(String),
    running: null,
    last: { result: 'completed', endedAt: expect.any(String), status: { counts: { rows: 35 } } },
  });
  const table = (await jobs('list')).stdout;
  expect(table).toMatch(/count .*1 h .*completed in \d+ s/);
  expect(table).toContain('4 pages, 35 rows');
  const { action } = await describe('count');
  expect(action).toMatchObject({ staticSummary: 'counts the numbers' });
  const query = `TandemPipeline = 'counting' AND WorkflowType = 'job'`;
  await eventually('its runs to be found by their pipeline', async () => {
    return (await temporal.client.workflow.count(query)).count >= 2;
  });
});

test('while a run is under way no second one is begun: it is told, and followed', async () => {
  const holder = await database.session(database.adminUrl);
  await holder.query('SELECT pg_advisory_lock(7)');
  const begun = JSON.parse((await jobs('run', 'counting', 'hold', '--detach', '--json')).stdout) as JobStart;
  const { workflowId } = begun;
  await eventually('its first page', async () => (await listed('hold')).running?.status?.pages === 1);
  expect((await listed('hold')).running).toMatchObject({
    workflowId,
    status: { state: 'running', fraction: 0.5, counts: { begun: 1 } },
  });
  expect((await jobs('list')).stdout).toMatch(/running \[.*\] 50 %, 1 page, 1 begun/);
  const told = await jobs('run', 'counting', 'hold', '--detach');
  expect(told.stdout).toContain('a run of hold is under way already: it is this one');
  let shown = '';
  const follower = tandem(['jobs', 'run', 'counting', 'hold'], environment, (text) => (shown += text));
  await eventually('its progress to be shown', () => /counting\/hold: running \[.*\] 50 %/.test(shown));
  await holder.query('SELECT pg_advisory_unlock(7)');
  expect((await follower).stdout).toContain('counting/hold: done 2 pages, 1 begun, 1 held');
  expect((await listed('hold')).last).toMatchObject({ workflowId, result: 'completed' });
});

test('a run that failed says why, and what it had done', async () => {
  const { code, stdout, stderr } = await jobs('run', 'counting', 'fail');
  expect(code).toBe(1);
  expect(stdout).toContain('counting/fail: failed 1 page, 1 begun');
  expect(stderr).toContain('the run of fail of counting failed: ');
  expect(stderr).toContain('(schema)');
  expect((await listed('fail')).last).toMatchObject({
    result: 'failed',
    why: expect.stringContaining('(schema)'),
    status: { pages: 1 },
  });
});

test('a long run keeps its counts when its history has grown', async () => {
  const begun = JSON.parse((await jobs('run', 'counting', 'long', '--detach', '--json')).stdout) as JobStart;
  const run = temporal.client.workflow.getHandle<() => Promise<JobStatus>>(begun.workflowId);
  expect(await run.result()).toMatchObject({ state: 'done', pages: 30, counts: { rows: 30 } });
  const { firstRunId, execution } = (await run.describe()).raw.workflowExecutionInfo!;
  expect(execution!.runId).not.toBe(firstRunId);
});

test('a paused job is not begun, also after a worker has started anew, until it is resumed', async () => {
  await eventually('both to run by themselves', async () => (await taken('tick')) && (await taken('tock')));
  expect(await jobs('pause', 'counting', 'tick', '--reason', 'too loud')).toMatchObject({ code: 0 });
  await running.stop();
  running = await start();
  const [tick, tock] = [await taken('tick'), await taken('tock')];
  await eventually('the other to go on', async () => (await taken('tock')) >= tock + 3);
  expect(await taken('tick')).toBe(tick);
  expect(await listed('tick')).toMatchObject({ paused: 'too loud', next: null });
  expect((await jobs('list')).stdout).toContain('paused: too loud');
  // What an operator asks for runs all the same.
  expect(await jobs('run', 'counting', 'tick')).toMatchObject({ code: 0 });
  expect(await listed('tick')).toMatchObject({ paused: 'too loud' });

  expect((await jobs('resume', 'counting', 'tick')).stdout).toContain('it was paused (too loud)');
  const resumed = await taken('tick');
  await eventually('it to run by itself', async () => (await taken('tick')) > resumed);
  expect(await jobs('resume', 'counting', 'tick')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('tick of counting is not paused'),
  });
});

test('what is not there is named, with what is', async () => {
  expect(await jobs('run', 'counting', 'nothing')).toMatchObject({
    code: 2,
    stderr: 'counting has no job nothing, only count, hold, fail, long, tick, tock',
  });
  expect(await jobs('pause', 'blog', 'count', '--reason', 'x')).toMatchObject({
    code: 2,
    stderr: 'blog has no jobs',
  });
  expect(await jobs('run', 'nobody', 'count')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no pipeline "nobody"; there are'),
  });
  expect(await jobs('pause', 'counting', 'tick', '--reason', ' ')).toMatchObject({ code: 2 });
});

test('a job that the pipeline has no more loses its schedule, and the others keep theirs', async () => {
  await running.stop();
  running = await start(pipeline.jobs.filter(({ name }) => name !== 'long'));
  await expect(describe('long')).rejects.toBeInstanceOf(ScheduleNotFoundError);
  expect(await describe('count')).toMatchObject({ scheduleId: 'job/counting/count' });
  expect(await listed('long')).toMatchObject({ scheduled: false, last: null });
  expect(await jobs('run', 'counting', 'long')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("'tandem worker counting' makes it when it starts"),
  });
});

test('without a worker a run is begun and kept, and whoever follows it is told', async () => {
  await running.stop();
  const { code, stderr } = await jobs('run', 'counting', 'count');
  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no worker of counting answers'),
  });
  expect((await jobs('list')).stdout).toContain('no worker answers');
  running = await start();
  await eventually('the run to end', async () => (await listed('count')).last?.status?.counts['rows'] === 35);
});

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { JobPage } from '../../src/pipeline/jobs.ts';
import type { JobInput, JobStatus } from '../../src/temporal/jobs.ts';
import { jobId, queryNames, taskQueue, workflowTypes } from '../../src/temporal/names.ts';
import { pauseId } from '../../src/temporal/pause.ts';
import type { PauseInput } from '../../src/temporal/pause.ts';
import { gate } from '../support/gate.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open({ pausing: true });
});
afterEach(() => {
  world.jobs.length = 0;
  world.openPauses = [];
});
afterAll(() => world[Symbol.asyncDispose]());

/** A job of so many pages, ten rows each; `before` may refuse a page. Returns the cursors its pages were given. */
function counting(pages: number, before: (cursor: string | null) => Promise<void> | void = () => {}) {
  const cursors: (string | null)[] = [];
  world.jobs.push({
    name: 'count',
    description: 'counts',
    everyMs: 60_000,
    async page(cursor): Promise<JobPage> {
      cursors.push(cursor);
      await before(cursor);
      const at = cursor === null ? 1 : Number(cursor) + 1;
      const counts = { rows: 10, ...(at === pages && { last: 1 }) };
      return { next: at === pages ? null : String(at), counts, fraction: at / pages };
    },
  });
  return cursors;
}

const start = (changes: Partial<JobInput> = {}) =>
  world.client.workflow.start<(input: JobInput) => Promise<JobStatus>>(workflowTypes.job, {
    workflowId: jobId('pair', 'count'),
    taskQueue: taskQueue('pair'),
    args: [{ pipeline: 'pair', job: 'count', ...changes }],
  });

const status = () =>
  world.client.workflow.getHandle(jobId('pair', 'count')).query<JobStatus>(queryNames.status);

/** What a run failed with, waited for in skipped time. */
async function failureOf(handle: Awaited<ReturnType<typeof start>>): Promise<ApplicationFailure> {
  const error: unknown = await world.result(handle).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

/** Fails so many times at a cursor. */
function failing(times: number, at: string | null, error: () => Error): (cursor: string | null) => void {
  let left = times;
  return (cursor) => {
    if (cursor === at && left-- > 0) throw error();
  };
}

test('pages follow one another, and what they did is added up', async () => {
  const cursors = counting(3);
  expect(await world.result(await start())).toMatchObject({
    pipeline: 'pair',
    job: 'count',
    state: 'done',
    pages: 3,
    counts: { rows: 30, last: 1 },
    fraction: 1,
  });
  expect(cursors).toEqual([null, '1', '2']);
});

test('a page that failed is done again from the same cursor, and counts once', async () => {
  const cursors = counting(
    3,
    failing(2, '1', () => new Error('no such thing')),
  );
  expect(await world.result(await start())).toMatchObject({ pages: 3, counts: { rows: 30 } });
  expect(cursors).toEqual([null, '1', '1', '1', '2']);
});

test('what is away is waited for, however long, and takes none of the tries of an error', async () => {
  const down = failing(30, '1', () => new SyncError('unavailable', 'the server is away'));
  const met = failing(30, '2', () => new SyncError('contention', 'met another'));
  const broken = failing(3, '2', () => new Error('no such thing'));
  const cursors = counting(4, (cursor) => {
    down(cursor);
    met(cursor);
    broken(cursor);
  });
  const began = await world.env.currentTimeMs();
  expect(await world.result(await start())).toMatchObject({ state: 'done', pages: 4 });
  expect((await world.env.currentTimeMs()) - began).toBeGreaterThan(200_000);
  expect(cursors).toHaveLength(4 + 30 + 30 + 3);
});

test('an error of any other class ends the run after a few tries, under its class and with what was done', async () => {
  for (const [error, type, message] of [
    [new Error('secret'), 'bug', 'unexpected Error in runJobPage'],
    [new SyncError('data', 'does not fit'), 'data', 'does not fit'],
    [new SyncError('schema', 'no such column'), 'schema', 'no such column'],
  ] as const) {
    world.jobs.length = 0;
    const cursors = counting(
      3,
      failing(100, '1', () => error),
    );
    const failure = await failureOf(await start());
    expect(failure).toMatchObject({ type, message });
    expect(failure.details).toMatchObject([{ state: 'failed', pages: 1, counts: { rows: 10 }, cursor: '1' }]);
    expect(cursors).toEqual([null, '1', '1', '1', '1']);
    expect(await status()).toMatchObject({ state: 'failed', pages: 1 });
  }
});

test.each([
  [['bug', 'constraint', 'unavailable'], 10],
  [['bug', 'bug', 'bug', 'unavailable'], 5],
] as const)('errors that alternate have a count of tries for each class: %j', async (classes, most) => {
  let tries = 0;
  counting(1, () => {
    throw new SyncError(classes[tries++ % classes.length]!, 'again and again');
  });
  expect(await failureOf(await start())).toMatchObject({ type: 'bug' });
  expect(tries).toBe(most);
});

test('a job that the pipeline does not have, and a page that is none, are named', async () => {
  expect(await failureOf(await start())).toMatchObject({ message: 'pipeline pair has no job count' });
  for (const [page, problem] of [
    [{ counts: {} }, 'next: Invalid input: expected string, received undefined'],
    [{ next: null, counts: { rows: 1n } }, 'counts.rows: Invalid input: expected number, received bigint'],
    [{ next: null, counts: {}, fraction: 40 }, 'fraction: Too big: expected number to be <=1'],
    [undefined, 'its answer: Invalid input: expected object, received undefined'],
  ] as const) {
    world.jobs.length = 0;
    counting(1);
    world.jobs[0]!.page = () => Promise.resolve(page as unknown as JobPage);
    expect(await failureOf(await start())).toMatchObject({ message: `a page of job count: ${problem}` });
  }
});

test('how far it is can be asked while it runs', async () => {
  const held = gate();
  counting(4, (cursor) => (cursor === '2' ? held.opened : undefined));
  const handle = await start();
  await world.until(async () => (await status()).pages === 2);
  const { startedAt, ...rest } = await status();
  expect(rest).toMatchObject({
    state: 'running',
    cursor: '2',
    counts: { rows: 20 },
    fraction: 0.5,
    rate: expect.anything(),
  });
  held.open();
  expect(await world.result(handle)).toMatchObject({ state: 'done', startedAt });
});

test('a run goes on where an earlier one left off when its history had grown', async () => {
  const cursors = counting(4);
  const progress = { cursor: '2', pages: 2, counts: { rows: 20, other: 1 }, fraction: 0.5 };
  const startedAt = '2026-01-08T10:00:00.000Z';
  expect(await world.result(await start({ progress: { ...progress, startedAt } }))).toMatchObject({
    pages: 4,
    counts: { rows: 40, other: 1, last: 1 },
    startedAt,
  });
  expect(cursors).toEqual(['2', '3']);
});

test('a cancelled run ends, and does no further page', async () => {
  const cursors = counting(
    2,
    failing(1000, '1', () => new Error('no such thing')),
  );
  const handle = await start();
  await world.until(async () => (await world.failing(handle)).length > 0);
  await handle.cancel();
  await expect(world.result(handle)).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(cursors.filter((cursor) => cursor === '1').length).toBeLessThan(4);
});

test('no page is done while an operator has paused the pipeline; a pause of a part of it holds none', async () => {
  const input: PauseInput = {
    pipeline: 'pair',
    scope: { kind: 'entity', entity: 'parents' },
    reason: 'operator',
    text: 'maintenance',
    signature: null,
    epoch: null,
    sample: null,
    trialMaxMs: 60_000,
  };
  const paused = (scope: PauseInput['scope']) => {
    world.openPauses = [{ ...input, scope, id: pauseId({ ...input, scope }), since: '' }];
  };
  const cursors = counting(1);
  paused(input.scope);
  await world.result(await start());
  paused({ kind: 'pipeline' });
  const handle = await start();
  await world.until(async () => (await world.failing(handle)).includes('paused by an operator: maintenance'));
  expect(cursors).toHaveLength(1);
  world.openPauses = [];
  expect(await world.result(handle)).toMatchObject({ pages: 1 });
});

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readId } from '../../src/change/event-id.ts';
import { defaultRetryLimits } from '../../src/errors/policy.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { effect } from '../../src/pipeline/effects.ts';
import type { BackfillInput, BackfillStatus } from '../../src/temporal/backfill.ts';
import { backfillId, queryNames, updateNames, workflowTypes } from '../../src/temporal/names.ts';
import { backfillStartOptions } from '../../src/temporal/start-backfill.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open();
});
afterEach(() => {
  for (const side of [world.left, world.right]) {
    for (const table of ['children', 'parents']) side.rows(table).clear();
    side.interrupt = null;
  }
  world.openEvents = { running: 0, waiting: 0 };
});
afterAll(() => world[Symbol.asyncDispose]());

const parents = { entity: 'parents', from: 'left', to: 'right' };
const children = { entity: 'children', from: 'left', to: 'right' };

let keys = 100;
function rows(count: number, values: Record<string, string> = {}, table = 'parents'): string[] {
  return Array.from({ length: count }, () => {
    const key = String(keys++);
    world.left.rows(table).set(key, { values: { name: `row ${key}`, ...values }, clock: 1000n });
    return key;
  });
}

const start = (changes: Partial<BackfillInput> = {}) =>
  world.client.workflow.start<(input: BackfillInput) => Promise<BackfillStatus>>(
    workflowTypes.backfill,
    backfillStartOptions({
      pipeline: 'pair',
      steps: [parents],
      where: null,
      dryRun: false,
      pageRows: 10,
      parallel: 2,
      rowsPerSecond: null,
      mostOpen: 100,
      mostWaiting: 50,
      limits: defaultRetryLimits,
      ...changes,
    }),
  );

const status = () =>
  world.client.workflow.getHandle(backfillId('pair')).query<BackfillStatus>(queryNames.status);
const update = (name: string) =>
  world.client.workflow.getHandle(backfillId('pair')).executeUpdate<BackfillStatus, []>(name);
const titles = () => [...world.right.rows('parents').values()].map(({ values }) => values['title']);
const names = () => [...world.left.rows('parents').values()].map(({ values }) => values['name']);

test('every row comes to the other side, parents before children', async () => {
  const [parent] = rows(25);
  rows(13, { parent: parent! }, 'children');
  const end = await world.result(await start({ steps: [parents, children] }));
  expect(end).toMatchObject({
    state: 'done',
    steps: [
      { ...parents, rows: 25, total: 25, outcomes: { applied: 25 }, left: 0 },
      { ...children, rows: 13, total: 13, outcomes: { applied: 13 }, left: 0 },
    ],
  });
  expect(new Set(titles())).toEqual(new Set(names()));
  const [own] = [...world.right.rows('parents')].find(
    ([, { values }]) => values['title'] === `row ${parent}`,
  )!;
  expect([...world.right.rows('children').values()].map(({ values }) => values['parent'])).toEqual(
    Array.from({ length: 13 }, () => own),
  );
});

test('a second one changes nothing, and a row that changed since is brought as it is now', async () => {
  const [one] = rows(3);
  await world.result(await start());
  world.left.rows('parents').set(one!, { values: { name: 'newer' }, clock: 2000n });
  expect(await world.result(await start())).toMatchObject({
    steps: [{ outcomes: { applied: 1, unchanged: 2 } }],
  });
  expect(titles()).toContain('newer');
});

test('a later version that the other side has stays', async () => {
  const [one] = rows(1);
  await world.result(await start());
  const [own] = world.right.rows('parents').keys();
  world.right.rows('parents').set(own!, { values: { title: 'edited' }, clock: 3000n });
  world.left.rows('parents').set(one!, { values: { name: 'older' }, clock: 2000n });
  const end = await world.result(await start());
  expect(end.steps[0]!.outcomes).toEqual({ conflict_kept: 1 });
  expect(titles()).toEqual(['edited']);
});

test('a page whose commit was not heard of comes again and is applied once', async () => {
  rows(10);
  world.right.failAfterCommit = new SyncError('unavailable', 'the connection broke');
  expect(await world.result(await start())).toMatchObject({
    steps: [{ rows: 10, outcomes: { applied: 10 } }],
  });
  expect(titles()).toHaveLength(10);
});

test('a row that waits for another leaves its page, and is brought as it is by then', async () => {
  const [orphan] = rows(1, { parent: '7' }, 'children');
  const handle = await start({ steps: [children] });
  expect(await world.result(handle)).toMatchObject({ steps: [{ rows: 1, left: 1, outcomes: {} }] });
  const id = readId(
    { pipeline: 'pair', entity: 'children', side: 'left', key: orphan! },
    handle.firstExecutionRunId,
  );
  world.left.rows('children').set(orphan!, { values: { parent: '7', name: 'later' }, clock: 2000n });
  world.left.rows('parents').set('7', { values: { name: 'seven' }, clock: 1000n });
  await world.result(await start());
  expect(await world.result(world.client.workflow.getHandle(id))).toMatchObject({ outcome: 'applied' });
  expect([...world.right.rows('children').values()].map(({ values }) => values['title'])).toEqual(['later']);
});

test('where most rows of a page fail nothing goes on by itself, and all of it once the cause is gone', async () => {
  rows(30);
  let refuse = true;
  world.left.interrupt = (method, moment) => {
    if (method === 'findRow' && moment === 'before' && refuse)
      throw new SyncError('schema', 'no such column');
  };
  const handle = await start({ pageRows: 30 });
  await world.until(async () =>
    (await handle.describe()).raw.pendingActivities!.some(
      ({ lastFailure }) => lastFailure?.message === 'no such column',
    ),
  );
  refuse = false;
  expect(await world.result(handle)).toMatchObject({
    steps: [{ rows: 30, left: 0, outcomes: { applied: 30 } }],
  });
});

test('it goes on where an earlier run left off', async () => {
  const made = rows(12);
  const before = { rows: 5, outcomes: { applied: 5 }, left: 0, paired: 0, total: 12 };
  const end = await world.result(
    await start({
      progress: {
        startedAt: '2026-01-08T10:00:00.000Z',
        step: 0,
        after: made[4]!,
        steps: [{ ...before, startedAt: '2026-01-08T10:00:00.000Z', endedAt: null }],
        paused: false,
      },
    }),
  );
  expect(end).toMatchObject({
    startedAt: '2026-01-08T10:00:00.000Z',
    steps: [{ rows: 12, outcomes: { applied: 12 } }],
  });
  expect(titles()).toHaveLength(7);
});

test('a pause begins no further page until it is resumed', async () => {
  rows(60);
  const handle = await start({ pageRows: 1, parallel: 1, rowsPerSecond: 1 });
  await world.until(async () => (await status()).steps[0]!.rows > 0);
  expect(await update(updateNames.pause)).toMatchObject({ state: 'paused' });
  await world.env.sleep(5000);
  const held = (await status()).steps[0]!.rows;
  await world.env.sleep(60_000);
  expect((await status()).steps[0]!.rows).toBe(held);
  expect(held).toBeLessThan(60);
  await update(updateNames.resume);
  expect(await world.result(handle)).toMatchObject({ state: 'done', steps: [{ rows: 60 }] });
});

test('no more rows a second than allowed', async () => {
  rows(40);
  const began = await world.env.currentTimeMs();
  await world.result(await start({ rowsPerSecond: 2 }));
  expect((await world.env.currentTimeMs()) - began).toBeGreaterThanOrEqual(20_000);
});

test('no page begins while too many events are open, nor of children while too many wait', async () => {
  const [parent] = rows(5);
  rows(2, { parent: parent! }, 'children');
  world.openEvents = { running: 170, waiting: 70 };
  const handle = await start({ steps: [parents, children] });
  const refused = async (text: string) =>
    world.until(async () =>
      (await handle.describe()).raw.pendingActivities!.some(({ lastFailure }) =>
        lastFailure?.message?.startsWith(text),
      ),
    );
  await refused('100 events are open');
  expect(titles()).toEqual([]);
  // Parents go on however many wait: it may be for them.
  world.openEvents = { running: 169, waiting: 70 };
  await refused('70 events wait for another row');
  expect(titles()).toHaveLength(5);
  expect(world.right.rows('children').size).toBe(0);
  world.openEvents = { running: 49, waiting: 49 };
  expect(await world.result(handle)).toMatchObject({ steps: [{ rows: 5 }, { rows: 2 }] });
});

test('the effects of what it applied run with the values of the row, and only of that', async () => {
  rows(2);
  await world.result(await start());
  const [third] = rows(1);
  const ran: unknown[] = [];
  world.effects = [
    effect({
      name: 'note',
      entity: 'parents',
      run: (applied) => {
        for (const { event, outcome } of applied)
          ran.push([event.primary_key, outcome, event.payload['name']]);
        return Promise.resolve();
      },
    }),
  ];
  expect(await world.result(await start())).toMatchObject({
    steps: [{ rows: 3, left: 0, outcomes: { unchanged: 2, applied: 1 } }],
  });
  world.effects = [];
  expect(ran).toEqual([[third, 'applied', expect.any(String)]]);
});

test('a dry run counts, and writes nothing', async () => {
  rows(4);
  await world.result(await start());
  rows(3);
  expect(await world.result(await start({ dryRun: true }))).toMatchObject({
    dryRun: true,
    steps: [{ rows: 7, paired: 4, outcomes: {}, left: 0 }],
  });
  expect(titles()).toHaveLength(4);
});

test('a second one beside the first is refused', async () => {
  rows(2);
  const handle = await start({ rowsPerSecond: 1, pageRows: 1 });
  await expect(start()).rejects.toThrow(/already started/i);
  await world.result(handle);
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChangeEvent } from '../../src/change/event.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { effect } from '../../src/pipeline/effects.ts';
import { defaultRetryLimits } from '../../src/errors/policy.ts';
import type { BatchResult } from '../../src/temporal/batch.ts';
import { packEvents } from '../../src/temporal/packed-events.ts';
import { workflowTypes } from '../../src/temporal/names.ts';
import { batchStartOptions } from '../../src/temporal/start-batch.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());

let batches = 0;
async function startBatch(events: readonly ChangeEvent[]) {
  const input = { pipeline: 'pair', events: await packEvents(events), limits: defaultRetryLimits };
  return world.client.workflow.start<(input: unknown) => Promise<BatchResult>>(
    workflowTypes.syncBatch,
    batchStartOptions(input, events, 'right', `test-${batches++}`),
  );
}

test('events of a batch are applied in one transaction, each with its outcome', async () => {
  world.right.follow(() => null);
  const events = Array.from({ length: 20 }, () => world.newParent());
  const result = await world.result(await startBatch(events));
  expect(result).toEqual({ outcomes: { applied: 20 }, left: [] });
  for (const { event_id: id } of events)
    expect(await world.right.findProcessed(id)).toMatchObject({ outcome: 'applied' });
});

test('a batch that comes again changes nothing', async () => {
  const events = [world.newParent(), world.newParent()];
  await world.result(await startBatch(events));
  const before = [...world.right.rows('parents').keys()];
  expect(await world.result(await startBatch(events))).toEqual({ outcomes: { applied: 2 }, left: [] });
  expect([...world.right.rows('parents').keys()]).toEqual(before);
});

test('an event that has to wait leaves the batch for a workflow of its own', async () => {
  const parent = world.newParent();
  const child = world.newChild(parent.primary_key);
  expect(await world.result(await startBatch([child]))).toEqual({ outcomes: {}, left: [child.event_id] });
  await world.until(async () => (await world.status(child)).trouble?.errorClass === 'waiting_for_row');
  await world.sync(parent);
  const handle = world.client.workflow.getHandle(child.event_id);
  expect(await world.result(handle)).toMatchObject({ outcome: 'applied' });
});

test('databases that do not answer are waited for, and nothing leaves the batch', async () => {
  world.right.follow((attempt) => (attempt <= 5 ? 'unavailable' : null));
  const events = [world.newParent(), world.newParent()];
  expect(await world.result(await startBatch(events))).toEqual({ outcomes: { applied: 2 }, left: [] });
  expect(world.right.tries.length).toBeGreaterThan(5);
});

test('a batch that is cancelled hands every event on', async () => {
  world.right.follow(() => 'unavailable');
  const events = [world.newParent(), world.newParent()];
  const handle = await startBatch(events);
  await world.until(() => world.right.tries.length > 1);
  await handle.cancel();
  expect(await world.result(handle)).toEqual({
    outcomes: {},
    left: events.map(({ event_id: id }) => id),
  });
  world.right.follow(() => null);
  for (const { event_id: id } of events)
    expect(await world.result(world.client.workflow.getHandle(id))).toMatchObject({ outcome: 'applied' });
});

describe('effects', () => {
  const ran: string[] = [];
  /** Those that fail, by what. */
  const fails = new Map<string, () => Error | null>();
  beforeEach(() => {
    ran.length = 0;
    fails.clear();
    world.right.follow(() => null);
    world.effects = [
      effect({
        name: 'note',
        entity: 'parents',
        run: (applied) => {
          const ids = applied.map(({ event }) => event.event_id);
          const error = ids.map((id) => fails.get(id)?.()).find((each) => each);
          if (error) return Promise.reject(error);
          ran.push(...ids);
          return Promise.resolve();
        },
      }),
    ];
  });
  afterEach(() => {
    world.effects = [];
  });

  test('run after the batch was applied, told of each change in order', async () => {
    const [first, other] = [world.newParent(), world.newParent()];
    const second = world.renamed(first);
    const events = [first, other, second];
    expect(await world.result(await startBatch(events))).toEqual({ outcomes: { applied: 3 }, left: [] });
    expect(ran).toEqual(events.map(({ event_id: id }) => id));
  });

  test('that fail leave the batch with its events, which were applied, and run for each of them', async () => {
    const [fine, failing] = [world.newParent(), world.newParent()];
    let tries = 0;
    fails.set(failing.event_id, () => (tries++ === 0 ? new Error('not yet') : null));
    expect(await world.result(await startBatch([fine, failing]))).toEqual({
      outcomes: {},
      left: [fine, failing].map(({ event_id: id }) => id),
    });
    for (const { event_id: id } of [fine, failing])
      expect(await world.result(world.client.workflow.getHandle(id))).toMatchObject({
        outcome: 'applied',
        replayed: true,
      });
    expect(ran.toSorted()).toEqual([fine, failing].map(({ event_id: id }) => id).toSorted());
  });

  test('whose bus is away are waited for, and nothing leaves the batch', async () => {
    const [one, other] = [world.newParent(), world.newParent()];
    let tries = 0;
    fails.set(other.event_id, () => (tries++ < 3 ? new SyncError('unavailable', 'the bus is away') : null));
    expect(await world.result(await startBatch([one, other]))).toEqual({
      outcomes: { applied: 2 },
      left: [],
    });
    expect(tries).toBe(4);
    expect(ran).toContain(other.event_id);
  });
});

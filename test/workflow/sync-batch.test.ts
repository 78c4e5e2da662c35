import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ChangeEvent } from '../../src/change/event.ts';
import { effect } from '../../src/pipeline/define.ts';
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

test('an event with effects to run leaves the batch after it was applied, and runs them there', async () => {
  world.right.follow(() => null);
  const ran: string[] = [];
  world.effects = [
    effect({
      name: 'note',
      entity: 'parents',
      run: async (context) => void ran.push(context.event.event_id),
    }),
  ];
  const event = world.newParent();
  expect(await world.result(await startBatch([event]))).toEqual({ outcomes: {}, left: [event.event_id] });
  expect(await world.result(world.client.workflow.getHandle(event.event_id))).toMatchObject({
    outcome: 'applied',
    replayed: true,
  });
  expect(ran).toEqual([event.event_id]);
  world.effects = [];
});

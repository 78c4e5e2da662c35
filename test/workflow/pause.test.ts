import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChangeEvent } from '../../src/change/event.ts';
import { queryNames, updateNames, workflowTypes } from '../../src/temporal/names.ts';
import { pauseId } from '../../src/temporal/pause.ts';
import type { PauseInput, PauseStatus } from '../../src/temporal/pause.ts';
import { pauseStartOptions } from '../../src/temporal/start-pause.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open({ pausing: true });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  world.right.follow(() => null);
  world.pauseChanges.length = 0;
  world.fuseClock += 3_600_000;
});

const operator: PauseInput = {
  pipeline: 'pair',
  scope: { kind: 'entity', entity: 'parents' },
  reason: 'operator',
  text: 'maintenance',
  signature: null,
  epoch: null,
  sample: null,
  trialMaxMs: 60_000,
};

const signature = 'constraint/parents/X1/-';

const fused = (event: ChangeEvent): PauseInput => ({
  ...operator,
  reason: 'fuse',
  text: 'scripted constraint',
  signature,
  sample: { kind: 'event', event },
});

const pauseOf = (input: PauseInput) => world.client.workflow.getHandle(pauseId(input));
const start = (input: PauseInput) =>
  world.client.workflow.start(workflowTypes.pause, pauseStartOptions(input));
const statusOf = (input: PauseInput) => pauseOf(input).query<PauseStatus>(queryNames.status);
const isOpen = async (input: PauseInput) => (await pauseOf(input).describe()).status.name === 'RUNNING';
const resume = (input: PauseInput) =>
  pauseOf(input)
    .executeUpdate<PauseStatus, [string]>(updateNames.resume, { args: ['done with it'] })
    // The time-skipping server forgets an update's answer when the workflow closes with it; Temporal does not.
    .catch(() => {});

/** Starts so many events that all fail, one after the other, and returns those whose workflow is still open. */
async function failing(count: number): Promise<{ events: ChangeEvent[]; dead: number }> {
  const events: ChangeEvent[] = [];
  let dead = 0;
  for (let index = 0; index < count; index++) {
    const event = world.newParent();
    const handle = await world.start(event);
    await world.until(async () => {
      const { status } = await handle.describe();
      if (status.name === 'FAILED') dead++;
      else if ((await world.status(event)).step === 'held') events.push(event);
      else return false;
      return true;
    });
  }
  return { events, dead };
}

describe('a pause by an operator', () => {
  test('lasts until it is resumed, without a trial; pausing twice makes one', async () => {
    const first = await start(operator);
    const second = await start({ ...operator, text: 'somebody else' });
    expect(second.firstExecutionRunId).toBe(first.firstExecutionRunId);
    await world.env.sleep('30 days');
    expect(await statusOf(operator)).toMatchObject({ text: 'maintenance', trialEvent: null, resumed: null });
    expect(world.right.tries).toEqual([]);
    await resume(operator);
    expect(await world.result(first)).toMatchObject({ resumed: { by: 'operator', text: 'done with it' } });
    expect(world.pauseChanges.map(({ resumed }) => resumed?.by ?? null)).toEqual([null, 'operator']);
  });

  test('keeps what is under way open, as an outage does, and lets it go on', async () => {
    const handle = await start(operator);
    world.openPauses = [{ id: pauseId(operator), since: '', ...operator }];
    const event = world.newParent();
    const child = await world.start(event);
    await world.env.sleep('1 hour');
    expect(await world.status(event)).toMatchObject({
      trouble: { errorClass: 'unavailable', message: 'paused by an operator: maintenance' },
    });
    expect(world.right.tries).toEqual([]);
    world.openPauses = [];
    await resume(operator);
    expect(await world.result(child)).toMatchObject({ outcome: 'applied' });
    await world.result(handle);
  });

  test('ends when its workflow is cancelled, and says so', async () => {
    const handle = await start(operator);
    await world.env.sleep('1 minute');
    await handle.cancel();
    expect(await world.result(handle)).toMatchObject({ resumed: { by: 'cancellation' } });
    expect(world.pauseChanges.at(-1)?.resumed?.by).toBe('cancellation');
  });
});

describe('a trial', () => {
  test('comes after 2, 4, 8, … 60 s, and resumes once the event applies', async () => {
    const event = world.newParent();
    let repaired = false;
    world.right.follow(() => (repaired ? null : 'constraint'));
    const handle = await start(fused(event));
    await world.env.sleep('10 minutes');
    const [first = 0, ...rest] = world.right.tries;
    const apart = rest.map((at, index) => Math.round((at - (rest[index - 1] ?? first)) / 1000));
    expect(apart.slice(0, 8)).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    expect(await isOpen(fused(event))).toBe(true);
    repaired = true;
    expect(await world.result(handle)).toMatchObject({
      resumed: { by: 'trial', text: 'the event of the trial came to applied' },
    });
    expect(world.pauseChanges.map(({ resumed }) => resumed?.by ?? null)).toEqual([null, 'trial']);
  });

  test('shows nothing during an outage, and resumes on an error of another signature', async () => {
    const event = world.newParent();
    let failing: 'unavailable' | 'data' = 'unavailable';
    world.right.follow(() => failing);
    const handle = await start(fused(event));
    await world.env.sleep('5 minutes');
    expect(await isOpen(fused(event))).toBe(true);
    failing = 'data';
    expect(await world.result(handle)).toMatchObject({
      resumed: { by: 'trial', text: 'the event of the trial fails otherwise now: data/parents/X1/-' },
    });
  });

  test('gives way to an operator who resumes before it succeeds', async () => {
    const event = world.newParent();
    world.right.follow(() => 'constraint');
    const handle = await start(fused(event));
    await world.env.sleep('1 minute');
    await resume(fused(event));
    expect(await world.result(handle)).toMatchObject({ resumed: { by: 'operator' } });
    const tries = world.right.tries.length;
    await world.env.sleep('5 minutes');
    expect(world.right.tries).toHaveLength(tries);
  });
});

describe('the fuse', () => {
  test('lets four die, holds the fifth and the rest, and all of them apply once a trial does', async () => {
    let repaired = false;
    world.right.follow(() => (repaired ? null : 'data'));
    const { events, dead } = await failing(9);
    expect(dead).toBe(4);
    expect(events).toHaveLength(5);
    const cause = { ...fused(events[0]!), signature: 'data/parents/X1/-' };
    expect(await statusOf(cause)).toMatchObject({ reason: 'fuse', trialEvent: events[0]!.event_id });
    await world.env.sleep('1 hour');
    for (const event of events) expect((await world.status(event)).step).toBe('held');
    repaired = true;
    for (const { event_id } of events)
      expect(await world.result(world.client.workflow.getHandle(event_id))).toMatchObject({
        outcome: 'applied',
      });
    expect(await isOpen(cause)).toBe(false);
  });

  test('held events that fail when they are resumed are counted anew', async () => {
    world.right.follow(() => 'data');
    const { events } = await failing(9);
    const cause = { ...fused(events[0]!), signature: 'data/parents/X1/-' };
    const first = pauseOf(cause);
    const { runId } = await first.describe();
    await resume(cause);
    await world.env.sleep('1 minute');
    await world.until(async () => {
      const { runId: other, status } = await pauseOf(cause).describe();
      return other !== runId && status.name === 'RUNNING';
    });
    const states = await Promise.all(
      events.map(async ({ event_id }) => {
        const { status } = await world.client.workflow.getHandle(event_id).describe();
        return status.name;
      }),
    );
    expect(states.filter((state) => state === 'FAILED')).toHaveLength(4);
    await resume(cause);
  });

  test('a held event that is cancelled becomes a dead letter', async () => {
    world.right.follow(() => 'data');
    const { events } = await failing(5);
    const [held] = events;
    await world.client.workflow.getHandle(held!.event_id).cancel();
    await world.until(
      async () => (await world.client.workflow.getHandle(held!.event_id).describe()).status.name === 'FAILED',
    );
    expect(await world.deadLetter(held!.event_id).status()).toMatchObject({
      failure: { signature: 'data/cancelled' },
    });
    await resume({ ...fused(held!), signature: 'data/parents/X1/-' });
  });

  test('does not hold what an operator retries', async () => {
    const event = world.newParent();
    const cause = { ...fused(event), signature: 'data/parents/X1/-' };
    world.right.follow(() => 'data');
    await start(cause);
    await expect(world.sync(event, { retried: true })).rejects.toThrow();
    expect(await world.deadLetter(event.event_id).status()).toMatchObject({ state: 'open' });
    await resume(cause);
  });
});

describe('a missing column', () => {
  test('pauses the entity at once, which goes on when it is there', async () => {
    let missing = true;
    world.right.follow(() => (missing ? 'schema' : null));
    const event = world.newParent();
    const handle = await world.start(event);
    const cause: PauseInput = { ...fused(event), reason: 'schema', signature: 'schema/parents/X1/-' };
    await world.until(() => isOpen(cause).catch(() => false));
    await world.env.sleep('1 minute');
    missing = false;
    expect(await world.result(handle)).toMatchObject({ outcome: 'applied' });
    expect(await world.result(pauseOf(cause))).toMatchObject({ resumed: { by: 'trial' } });
  });

  test('is not paused for again by an event that an operator resumed in spite of', async () => {
    world.right.follow(() => 'schema');
    const event = world.newParent();
    const handle = await world.start(event);
    const cause: PauseInput = { ...fused(event), reason: 'schema', signature: 'schema/parents/X1/-' };
    await world.until(() => isOpen(cause).catch(() => false));
    await world.env.sleep('10 seconds');
    await resume(cause);
    await world.env.sleep('5 minutes');
    expect(await isOpen(cause)).toBe(false);
    world.right.follow(() => null);
    await world.result(handle);
  });
});

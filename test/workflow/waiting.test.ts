import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import type { ChangeEvent } from '../../src/change/event.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { effect } from '../../src/pipeline/effects.ts';
import { signalNames } from '../../src/temporal/names.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
const open = async (options: { wakes: boolean }) => {
  world = await WorkflowWorld.open(options);
};
const close = () => world[Symbol.asyncDispose]();
const always = () => 1e12;

const historyOf = async (event: ChangeEvent) =>
  (await world.client.workflow.getHandle(event.event_id).fetchHistory()).events ?? [];

/** Lets skipped time pass until the event is in the waiting room. */
const inTheRoom = (event: ChangeEvent) =>
  world.until(() => world.right.contents.waiting.committed.has(event.event_id));

describe('an event that waits', () => {
  beforeAll(() => open({ wakes: true }));
  afterAll(close);
  afterEach(() => {
    world.liveMs = always;
    world.right.follow(() => null);
  });

  test('is woken when its parent comes, leaves the room as it is applied, and was not tried meanwhile', async () => {
    const parent = world.newParent();
    const child = world.newChild(parent.primary_key);
    world.liveMs = () => 0;
    const handle = await world.start(child);
    await inTheRoom(child);
    // The timer of its deadline, after the one of its first look: from here on nothing is under way.
    const timers = (events: Awaited<ReturnType<typeof historyOf>>) =>
      events.filter((event) => event.timerStartedEventAttributes).length;
    await world.until(async () => timers(await historyOf(child)) === 2);
    const before = (await historyOf(child)).length;
    await world.env.sleep('9 minutes');
    expect(await historyOf(child)).toHaveLength(before);
    await world.sync(parent);
    expect(await world.result(handle)).toMatchObject({ outcome: 'applied' });
    expect(world.right.contents.waiting.committed.size).toBe(0);
    expect((await historyOf(child)).filter((e) => e.workflowExecutionSignaledEventAttributes)).not.toEqual(
      [],
    );
  });

  test('stays small for a day in which its parent’s stream is not live, and is applied after it', async () => {
    const parent = world.newParent();
    const child = world.newChild(parent.primary_key);
    world.liveMs = () => 0;
    const handle = await world.start(child);
    await world.env.sleep('24 hours');
    expect((await handle.describe()).status.name).toBe('RUNNING');
    // Looks after one hour, then two, four and eight, under fifteen events each.
    expect((await historyOf(child)).length).toBeLessThan(5 * 15);
    await world.sync(parent);
    expect(await world.result(handle)).toMatchObject({ outcome: 'applied' });
  });

  test('dies once the stream has been live for the whole deadline, with the chain named; a retry applies it later', async () => {
    const parent = world.newParent();
    const child = world.newChild(parent.primary_key);
    const began = await world.env.currentTimeMs();
    let live: number | null = null;
    world.liveMs = () => (live === null ? 0 : Math.max(0, now - live));
    let now = began;
    const handle = await world.start(child);
    await world.env.sleep('35 minutes');
    now = live = await world.env.currentTimeMs();
    const clock = setInterval(() => void world.env.currentTimeMs().then((ms) => (now = ms)), 5);
    await expect(world.result(handle)).rejects.toBeInstanceOf(WorkflowFailedError);
    clearInterval(clock);
    expect((await world.env.currentTimeMs()) - live).toBeGreaterThan(599_000);
    const dead = world.deadLetter(child.event_id);
    expect(await dead.status()).toMatchObject({
      state: 'open',
      failure: {
        errorClass: 'waiting_for_row',
        message: expect.stringContaining('(children → parents on left)') as unknown,
      },
    });
    await dead.retry();
    await world.until(async () => (await world.status(child)).trouble !== null);
    await world.sync(parent);
    await world.until(async () => (await dead.status()).state === 'resolved');
  });

  test('follows the chain to what its parent waits for in turn', async () => {
    const child = world.newChild('40404');
    await world.right.enterWaitingRoom({
      eventId: '7f3f6f0e-0000-5000-8000-000000000001',
      row: {
        pipeline: 'pair',
        entity: 'parents',
        sourceSide: 'left',
        sourceKey: '40404',
        targetSide: 'right',
      },
      awaits: { entity: 'owners', side: 'left', key: '1', counter: '-1' },
      ownCounter: '-1',
    });
    await world.sync(child).catch(() => {});
    world.right.contents.waiting.committed.clear();
    expect((await world.deadLetter(child.event_id).status()).failure.message).toContain(
      '(children → parents on left → owners on left)',
    );
  });

  test('is followed by its effects once it is applied', async () => {
    const ran: string[] = [];
    world.effects = [
      effect({
        name: 'note',
        entity: 'children',
        run: (applied) => {
          ran.push(...applied.map(({ event, outcome }) => `${event.event_id} ${outcome}`));
          return Promise.resolve();
        },
      }),
    ];
    const parent = world.newParent();
    const child = world.newChild(parent.primary_key);
    const handle = await world.start(child);
    await inTheRoom(child);
    await world.sync(parent);
    expect(await world.result(handle)).toMatchObject({ outcome: 'applied', replayed: false });
    expect(ran.filter((each) => each.startsWith(child.event_id))).toEqual([`${child.event_id} applied`]);
    world.effects = [];
  });

  test('becomes a dead letter when it is cancelled', async () => {
    const child = world.newChild('50505');
    const handle = await world.start(child);
    await inTheRoom(child);
    await handle.cancel();
    await world.result(handle).catch(() => {});
    expect(await world.deadLetter(child.event_id).status()).toMatchObject({
      state: 'open',
      failure: { errorClass: 'waiting_for_row', message: expect.stringContaining('cancelled') as unknown },
    });
    world.right.contents.waiting.committed.clear();
  });

  test('gets a whole deadline again after an outage it met while waiting', async () => {
    const child = world.newChild('60606');
    const handle = await world.start(child);
    await inTheRoom(child);
    await world.env.sleep('9 minutes');
    world.right.findIdentity = () => Promise.reject(new SyncError('unavailable', 'the server is away'));
    await world.client.workflow.getHandle(child.event_id).signal(signalNames.wake);
    await world.env.sleep('20 minutes');
    expect((await world.status(child)).trouble).toMatchObject({ errorClass: 'unavailable' });
    Reflect.deleteProperty(world.right, 'findIdentity');
    const over = await world.env.currentTimeMs();
    await world.result(handle).catch(() => {});
    expect((await world.env.currentTimeMs()) - over).toBeGreaterThan(590_000);
    world.right.contents.waiting.committed.clear();
  });
});

describe('where nobody wakes', () => {
  beforeAll(() => open({ wakes: false }));
  afterAll(close);

  test('an event finds its parent by itself at last: it is only late', async () => {
    const parent = world.newParent();
    const child = world.newChild(parent.primary_key);
    const handle = await world.start(child);
    await inTheRoom(child);
    await world.sync(parent);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    expect(await world.result(handle)).toMatchObject({ outcome: 'applied' });
  });

  test('woken for nothing, twice, it waits on; woken at last it is applied', async () => {
    const parent = world.newParent();
    const child = world.newChild(parent.primary_key);
    const handle = await world.start(child);
    await inTheRoom(child);
    await handle.signal(signalNames.wake);
    await handle.signal(signalNames.wake);
    await world.env.sleep('10 seconds');
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await world.sync(parent);
    await handle.signal(signalNames.wake);
    expect(await world.result(handle)).toMatchObject({ outcome: 'applied' });
  });

  test('an event looks at its deadline by itself, once in an hour, and becomes a dead letter', async () => {
    const child = world.newChild('99999');
    const handle = await world.start(child);
    await expect(world.result(handle)).rejects.toMatchObject({ cause: { type: 'waiting_for_row' } });
    const { startTime } = await handle.describe();
    const { state, failure } = await world.deadLetter(child.event_id).status();
    expect(state).toBe('open');
    const waited = Date.parse(failure.failedAt) - startTime.getTime();
    expect(waited).toBeGreaterThan(3_590_000);
    expect(waited).toBeLessThan(3_620_000);
  });
});

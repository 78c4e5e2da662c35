import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { EffectContext } from '../../src/pipeline/effects.ts';
import { effect } from '../../src/pipeline/effects.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
let ran: EffectContext[];
/** What the next runs of the effect throw; then it succeeds. */
let failures: Error[];

beforeAll(async () => {
  world = await WorkflowWorld.open();
  world.effects = [
    effect({
      name: 'note',
      entity: 'parents',
      run(applied) {
        ran.push(...applied);
        const failure = failures.shift();
        return failure ? Promise.reject(failure) : Promise.resolve();
      },
    }),
  ];
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  ran = [];
  failures = [];
  world.right.follow(() => null);
});

const outage = () => new SyncError('unavailable', 'the bus is away');

test('an effect follows an applied event, and knows what came of it', async () => {
  const event = world.newParent();
  const { target_key } = (await world.sync(event)) as { target_key: string };
  const row = expect.objectContaining({ title: event.payload['name'] });
  expect(ran).toEqual([{ event, outcome: 'applied', targetKey: target_key, row, before: null }]);
});

test('a crash between the commit and the effect does not lose it: it follows the stored outcome', async () => {
  world.right.failAfterCommit = new SyncError('unavailable', 'the connection broke after the commit');
  const event = world.newParent();
  expect(await world.sync(event)).toMatchObject({ outcome: 'applied', replayed: true });
  expect(ran.map(({ outcome }) => outcome)).toEqual(['applied']);
});

test('an outage of what the effect needs is waited for; the row is not written again', async () => {
  failures = [outage(), outage(), outage()];
  expect(await world.sync(world.newParent())).toMatchObject({ outcome: 'applied' });
  expect(ran).toHaveLength(4);
  expect(world.right.tries).toHaveLength(1);
});

test('an effect that cannot succeed is a dead letter although the row is there; its retry runs the effect again', async () => {
  failures = Array.from({ length: 5 }, () => new Error('never'));
  const event = world.newParent();
  await expect(world.sync(event)).rejects.toThrow();
  const { retry, status } = world.deadLetter(event.event_id);
  expect(await status()).toMatchObject({ state: 'open', failure: { errorClass: 'bug' } });
  failures = [];
  await retry();
  await world.until(async () => (await status()).state === 'resolved');
  expect(ran.at(-1)).toMatchObject({ event, outcome: 'applied' });
  expect(world.right.rows('parents').size).toBeGreaterThan(0);
});

test('an effect knows what was there before a change', async () => {
  const event = world.newParent();
  await world.sync(event);
  await world.sync(world.renamed(event));
  expect(ran.at(-1)).toMatchObject({
    row: { title: 'another-secret' },
    before: { title: event.payload['name'] },
  });
});

test('an event that came too late has only the effects that ask for such events', async () => {
  const event = world.newParent();
  await world.sync(event);
  ran = [];
  const late: string[] = [];
  world.effects.push(
    effect({
      name: 'late',
      entity: 'parents',
      afterStale: true,
      run: (applied) => Promise.resolve(void late.push(...applied.map(({ outcome }) => outcome))),
    }),
  );
  const stale = { ...event, event_id: '11111111-2222-4333-8444-555555555555', clock: '1' };
  expect(await world.sync(stale)).toMatchObject({ outcome: 'stale' });
  world.effects.pop();
  expect(ran).toEqual([]);
  expect(late).toEqual(['stale']);
});

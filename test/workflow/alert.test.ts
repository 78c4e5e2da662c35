import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { News } from '../../src/temporal/alert.ts';
import { alertId } from '../../src/temporal/names.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open({ pausing: true });
});
afterAll(() => world[Symbol.asyncDispose]());

const signature = 'data/parents/X1/-';
const handle = () => world.client.workflow.getHandle(alertId('pair', signature));
/** Of dead letters of one cause, in the order in which the log had them: new and open. */
const told = () => world.alerted.filter(({ alert }) => alert.cause === signature).map(counts);
const counts = ({ more, open }: News) => [more, open];

async function die(count: number): Promise<void> {
  world.right.follow(() => 'data');
  for (let n = 0; n < count; n++) {
    // As far apart as no fuse takes them for a flood.
    world.fuseClock += 60_000;
    await world.sync(world.newParent()).catch(() => {});
    world.openAlerts++;
  }
}

beforeEach(async () => {
  world.openAlerts = 0;
  world.post = () => Promise.resolve();
  await world.result(handle()).catch(() => {});
  world.alerted.length = 0;
});

test('the first of a cause is told at once, all that follow in one summary, and that none is open any more', async () => {
  const posted: News[] = [];
  world.post = async (news) => void posted.push(news);
  await die(1);
  await world.until(() => told().length === 1);
  await die(6);
  expect(told()).toEqual([[1, expect.any(Number)]]);
  await world.env.sleep('16 minutes');
  expect(told().slice(1)).toEqual([[6, 7]]);
  expect(world.alerted[0]!.alert).toMatchObject({ about: 'dead_letters', name: 'parents', reason: 'data' });

  await world.env.sleep('1 hour');
  expect(told()).toHaveLength(2);
  expect((await handle().describe()).status.name).toBe('RUNNING');
  await die(1);
  await world.until(() => told().length === 3);
  expect(told()[2]).toEqual([1, expect.any(Number)]);

  world.openAlerts = 0;
  await world.result(handle());
  expect(told().slice(3)).toEqual([[0, 0]]);
  expect(posted.map(counts)).toEqual(told());
});

test('a webhook that takes nothing holds no dead letter; what it missed is told with what came since, and logged once each', async () => {
  let tries = 0;
  const taken: News[] = [];
  let away = true;
  world.post = async (news) => {
    tries++;
    if (away) throw new SyncError('unavailable', 'the webhook answers 503');
    taken.push(news);
  };
  await die(1);
  await world.until(() => tries > 1);
  await die(2);
  const { discard, handle: letter } = world.deadLetter(world.published.at(-1)!.key);
  world.right.follow(() => null);
  await discard('for the test');
  expect(await world.result(letter)).toMatchObject({ state: 'discarded' });
  await world.env.sleep('16 minutes');
  expect(tries).toBeGreaterThan(10);
  expect(told()).toEqual([
    [1, expect.any(Number)],
    [3, 3],
  ]);
  away = false;
  await world.env.sleep('2 minutes');
  expect(taken.map(counts)).toEqual([[3, 3]]);
});

test('a pause that nobody asked for is told, and its end', async () => {
  world.right.follow(() => 'schema');
  world.openAlerts = 1;
  const event = world.newParent();
  await world.start(event);
  await world.until(() => world.alerted.length > 0);
  expect(world.alerted).toMatchObject([
    {
      alert: {
        about: 'pause',
        name: 'pair/parents',
        reason: 'schema',
        hint: expect.stringContaining('tandem doctor'),
      },
      more: 1,
    },
  ]);
  world.right.follow(() => null);
  world.openAlerts = 0;
  await world.result(world.client.workflow.getHandle(alertId('pair', world.alerted[0]!.alert.cause)));
  expect(world.alerted.at(-1)).toMatchObject({ alert: { about: 'pause' }, more: 0, open: 0 });
});

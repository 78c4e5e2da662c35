import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { verifyParts } from '../../src/process/verify-parts.ts';
import { defaultSettleMs } from '../../src/temporal/verify.ts';
import type { VerifyInput, VerifyStatus } from '../../src/temporal/verify.ts';
import { queryNames, updateNames, verifyId, workflowTypes } from '../../src/temporal/names.ts';
import { beginning } from '../../src/temporal/verify-report.ts';
import { verifyStartOptions } from '../../src/temporal/start-verify.ts';
import type { MemoryDatabase } from '../support/memory-database.ts';
import { pair } from '../support/two-sides.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open();
});
afterEach(() => {
  for (const side of [world.left, world.right]) {
    for (const table of ['children', 'parents']) side.rows(table).clear();
    side.forgetIdentities();
    side.interrupt = null;
  }
  world.liveMs = () => 1e12;
  world.openEvents = { running: 0, waiting: 0 };
});
afterAll(() => world[Symbol.asyncDispose]());

const start = (changes: Partial<VerifyInput> = {}) =>
  world.client.workflow.start<(input: VerifyInput) => Promise<VerifyStatus>>(
    workflowTypes.verify,
    verifyStartOptions({
      pipeline: 'pair',
      parts: verifyParts(pair),
      since: null,
      sample: null,
      rowsPerSecond: null,
      repair: null,
      settleMs: defaultSettleMs,
      ...changes,
    }),
  );
const verify = async (changes: Partial<VerifyInput> = {}) => world.result(await start(changes));
const byPolicy = { from: null, dryRun: false };
const counts = ({ entities }: VerifyStatus) =>
  Object.fromEntries(
    entities.map(({ entity, found }) => [
      entity,
      Object.fromEntries(Object.entries(found).map(([kind, { rows }]) => [kind, rows])),
    ]),
  );

/** Parents on both sides, as Tandem brings them; their keys on both. */
async function parents(count: number): Promise<[string, string][]> {
  const pairs: [string, string][] = [];
  for (let n = 0; n < count; n++) {
    const event = world.newParent();
    const { primary_key: key, payload, clock } = event;
    const values = { ...payload, name: `name ${key}` };
    world.left.rows('parents').set(key, { values, clock: BigInt(clock!) });
    await world.sync({ ...event, payload: values });
    pairs.push([key, world.right.identityOfTarget('parents', titleKey(`name ${key}`))!.targetKey!]);
  }
  return pairs;
}

const titleKey = (title: string) =>
  [...world.right.rows('parents')].find(([, { values }]) => values['title'] === title)![0];

const damage = (side: MemoryDatabase, key: string, values: Record<string, string>) => {
  const row = side.rows('parents').get(key)!;
  side.rows('parents').set(key, { ...row, values: { ...row.values, ...values } });
};

test('sides that agree are told so', async () => {
  await parents(3);
  const report = await verify();
  expect(report).toMatchObject({
    state: 'done',
    entities: [{ rows: { left: 3, right: 3 }, mappings: 3 }, {}],
  });
  expect(counts(report)).toEqual({ parents: {}, children: {} });
});

test('everything that is wrong is found, repaired, and not found again', async () => {
  const [changed, gone, extra, lost, ended] = await parents(5);
  damage(world.right, changed![1], { title: 'damaged' });
  world.right.rows('parents').delete(gone![1]);
  world.left.rows('parents').delete(extra![0]);
  const { entity, sourceSide, targetSide } = world.right.identityOfTarget('parents', lost![1])!;
  await world.right.forgetIdentity({ pipeline: 'pair', entity, sourceSide, sourceKey: lost![0], targetSide });
  world.left.rows('parents').delete(ended![0]);
  world.right.rows('parents').delete(ended![1]);

  const found = { different: 1, 'missing on right': 1, 'missing on left': 1, unmapped: 1 };
  const told = await verify();
  expect(counts(told)).toEqual({ parents: { ...found, orphaned: 1 }, children: {} });
  expect(told.entities[0]!.columns).toMatchObject({
    name: { rows: 1, examples: [{ key: changed![0], other: changed![1], value: { held: 'damaged' } }] },
  });
  const { planned } = await verify({ repair: { from: null, dryRun: true } });
  expect(planned.map(({ side, write }) => `${write} ${side}`).toSorted()).toEqual([
    'forget right',
    'insert left',
    'insert right',
    'link right',
    'update right',
  ]);
  const repaired = await verify({ repair: byPolicy });
  expect(repaired.entities[0]).toMatchObject({ repaired: 5, left: {} });
  expect(world.right.rows('parents').get(changed![1])!.values['title']).toBe(`name ${changed![0]}`);
  expect(world.right.rows('parents').has(gone![1])).toBe(true);
  expect(world.left.rows('parents').has(extra![0])).toBe(true);
  expect(counts(await verify())).toEqual({ parents: {}, children: {} });
});

test('the side an operator names is right, ends of rows included', async () => {
  const [changed, gone] = await parents(2);
  damage(world.right, changed![1], { title: 'right' });
  world.right.rows('parents').delete(gone![1]);
  await verify({ repair: { from: 'right', dryRun: false } });
  expect(world.left.rows('parents').get(changed![0])!.values['name']).toBe('right');
  expect(world.left.rows('parents').has(gone![0])).toBe(false);
  expect(counts(await verify())).toEqual({ parents: {}, children: {} });
});

test('a row whose change is on its way is waited for, and is not told as wrong', async () => {
  const [moving, stuck] = await parents(2);
  for (const [key] of [moving!, stuck!]) {
    const row = world.left.rows('parents').get(key)!;
    world.left.rows('parents').set(key, { values: { ...row.values, name: 'newer' }, clock: row.clock! + 1n });
  }
  world.liveMs = () => 0;
  const handle = await start({ settleMs: 60_000 });
  await world.env.sleep(5000);
  const status = await handle.query<VerifyStatus>(queryNames.status);
  expect(status).toMatchObject({ state: 'settling', entities: [{ found: {} }, {}] });
  const { clock } = world.left.rows('parents').get(moving![0])!;
  world.right.rows('parents').set(moving![1], { values: { title: 'newer' }, clock });
  const end = await world.result(handle);
  expect(end.entities[0]).toMatchObject({ settled: 1, moving: 1, found: {} });
});

test('a change that comes before the repair stays', async () => {
  const [one] = await parents(1);
  damage(world.right, one![1], { title: 'damaged' });
  let met = false;
  world.left.interrupt = (call, when) => {
    if (met || call !== 'lockRow' || when !== 'before') return;
    met = true;
    const row = world.left.rows('parents').get(one![0])!;
    world.left
      .rows('parents')
      .set(one![0], { values: { ...row.values, name: 'newest' }, clock: row.clock! + 9n });
  };
  const end = await verify({ repair: byPolicy });
  expect(world.left.rows('parents').get(one![0])!.values['name']).toBe('newest');
  expect(world.right.rows('parents').get(one![1])!.values['title']).toBe('newest');
  expect(end.entities[0]).toMatchObject({ repaired: 1, found: { different: { rows: 1 } } });
});

test('it is paused and goes on where it was', async () => {
  await parents(4);
  const handle = await start({ rowsPerSecond: 1 });
  const update = (name: string) => handle.executeUpdate<VerifyStatus, []>(name);
  expect((await update(updateNames.pause)).state).toBe('paused');
  await world.env.sleep(60_000);
  const before = await handle.query<VerifyStatus>(queryNames.status);
  await update(updateNames.resume);
  const end = await world.result(handle);
  expect(before.state).toBe('paused');
  expect(before.entities[0]!.rows['left'] ?? 0).toBeLessThan(4);
  expect(end.entities[0]!.rows).toEqual({ left: 4, right: 4 });
  expect(handle.workflowId).toBe(verifyId('pair'));
});

test('a new run goes on where one whose history had grown left off', async () => {
  const [damaged, whole] = await parents(2);
  damage(world.right, damaged![1], { title: 'damaged' });
  const input: VerifyInput = {
    pipeline: 'pair',
    parts: verifyParts(pair),
    since: null,
    sample: null,
    rowsPerSecond: null,
    repair: byPolicy,
    settleMs: defaultSettleMs,
  };
  const [key, other] = damaged!;
  const suspect = { key, other, look: 'as it was', since: new Date(0).toISOString(), first: await now() };
  const begun = beginning(input, await now());
  const end = await verify({
    ...input,
    progress: { ...begun, part: 1, after: damaged![1], suspects: [suspect] },
  });
  expect(end.entities[0]).toMatchObject({ rows: { right: 1 }, repaired: 1 });
  expect(world.right.rows('parents').get(other)!.values['title']).toBe(`name ${key}`);
  expect(whole![1] > damaged![1]).toBe(true);
});

const now = async () => new Date(await world.env.currentTimeMs()).toISOString();

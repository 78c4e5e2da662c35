import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { decideDeadLetters } from '../../src/cli/decide-dead-letters.ts';
import { correctionId } from '../../src/change/event-id.ts';
import type { ChangeEvent } from '../../src/change/event.ts';
import type { Row } from '../../src/change/value.ts';
import { workflowTypes } from '../../src/temporal/names.ts';
import { syncStartOptions } from '../../src/temporal/start-sync.ts';
import { defaultRetryLimits } from '../../src/errors/policy.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());

const sourceRow = ({ primary_key: key }: ChangeEvent) => world.left.rows('parents').get(key);
const targetTitles = () => [...world.right.rows('parents').values()].map(({ values }) => values['title']);
const holds = ({ primary_key: key, payload, clock }: ChangeEvent, changes: Row = {}, later = 0n) =>
  world.left
    .rows('parents')
    .set(key, { values: { ...(payload as Row), ...changes }, clock: BigInt(clock!) + later });

/** An event that died since its value did not fit, and its row on the source. */
async function deadEvent(name: string) {
  world.right.follow(() => 'data');
  const event = world.newParent();
  event.payload['name'] = name;
  holds(event);
  await world.sync(event).catch(() => {});
  world.right.follow(() => null);
  return { event, ...world.deadLetter(event.event_id) };
}

async function refusal(update: Promise<unknown>): Promise<{ message: string; type?: string | null }> {
  const error: unknown = await update.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(error instanceof WorkflowUpdateFailedError)) throw new Error('not refused', { cause: error });
  return { message: error.cause?.message ?? '', type: (error.cause as { type?: string }).type ?? null };
}

describe('edit', () => {
  test('applies the corrected event under its own id, and brings the correction back to the source', async () => {
    const { event, edit, handle } = await deadEvent('broken-1');
    await edit({ name: 'mended-1' }, 'an operator');
    expect(await world.result(handle)).toMatchObject({
      state: 'resolved',
      outcome: 'applied',
      corrected: { name: 'mended-1' },
      edits: [{ by: 'an operator', at: expect.any(String), columns: ['name'] }],
    });
    expect(targetTitles()).toContain('mended-1');
    expect(sourceRow(event)).toMatchObject({
      values: { name: 'mended-1' },
      clock: BigInt(event.clock!) + 1n,
    });
  });

  test('is not undone by the original when that is delivered again', async () => {
    const { event, edit, handle } = await deadEvent('broken-2');
    await edit({ name: 'mended-2' });
    await world.result(handle);
    await expect(world.start(event)).rejects.toThrow(/already started/i);
    // As after Temporal has forgotten the workflow.
    const again = await world.client.workflow.start(workflowTypes.syncChange, {
      ...syncStartOptions(
        { pipeline: 'pair', subject: { kind: 'event', event }, limits: defaultRetryLimits, retried: false },
        'right',
      ),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    expect(await world.result(again)).toMatchObject({ outcome: 'applied', replayed: true });
    expect(targetTitles()).toContain('mended-2');
    expect(targetTitles()).not.toContain('broken-2');
  });

  test('changes nothing where a value does not fit, and names the column', async () => {
    const { edit, status } = await deadEvent('broken-3');
    expect(await refusal(edit({ nmae: 'x' }))).toMatchObject({
      message: expect.stringMatching(/column nmae/),
    });
    expect(await refusal(edit({ name: null }))).toMatchObject({
      message: expect.stringMatching(/column name/),
    });
    expect(await refusal(edit({}))).toMatchObject({ message: expect.stringMatching(/name the columns/) });
    const { state, edits, corrected } = await status();
    expect({ state, edits, corrected }).toEqual({ state: 'open', edits: undefined, corrected: undefined });
    expect(targetTitles()).not.toContain('broken-3');
  });

  test('that fails again stays corrected: the next retry is of the corrected event', async () => {
    const { event, edit, retry, status, handle } = await deadEvent('broken-4');
    world.right.follow(() => 'data');
    await edit({ name: 'mended-4' });
    await world.until(async () => (await status()).state === 'open');
    expect(await status()).toMatchObject({ corrected: { name: 'mended-4' } });
    world.right.follow(() => null);
    await retry();
    expect(await world.result(handle)).toMatchObject({ state: 'resolved', outcome: 'applied' });
    expect(targetTitles()).toContain('mended-4');
    expect(await world.result(world.client.workflow.getHandle(event.event_id))).toMatchObject({
      outcome: 'applied',
    });
  });

  test('that failed gives way to the original where that was applied meanwhile', async () => {
    const { event, edit, retry, status, handle } = await deadEvent('broken-9');
    world.right.follow(() => 'data');
    await edit({ name: 'mended-9' });
    await world.until(async () => (await status()).state === 'open');
    world.right.follow(() => null);
    expect(await world.sync(event)).toMatchObject({ outcome: 'applied' });
    await retry();
    expect(await world.result(handle)).toMatchObject({ state: 'resolved', outcome: 'applied' });
    expect(targetTitles()).toContain('broken-9');
  });

  test('does not pass off an event as corrected that is being applied as it was', async () => {
    const { event, edit, status, handle } = await deadEvent('broken-5');
    world.right.follow(() => 'unavailable');
    const original = await world.start(event);
    await world.until(async () => (await world.status(event)).trouble !== null);
    expect(await refusal(edit({ name: 'mended-5' }))).toMatchObject({
      message: expect.stringMatching(/being applied as it was/),
    });
    expect(await status()).toMatchObject({ state: 'open' });
    world.right.follow(() => null);
    expect(await world.result(original)).toMatchObject({ outcome: 'applied' });
    expect(await refusal(edit({ name: 'mended-5' }))).toMatchObject({
      message: expect.stringMatching(/the target has the event already/),
    });
    await world.deadLetter(event.event_id).retry();
    expect(await world.result(handle)).toMatchObject({ state: 'resolved', outcome: 'applied' });
  });

  test('is stale where a later change of the row was applied', async () => {
    const { event, edit, handle } = await deadEvent('broken-6');
    const later = { ...event, event_id: correctionId(`later ${event.event_id}`) };
    const clock = String(BigInt(event.clock!) + 2n);
    await world.sync({ ...later, clock, payload: { ...event.payload, name: 'later-6' } });
    await edit({ name: 'mended-6' });
    expect(await world.result(handle)).toMatchObject({ state: 'resolved', outcome: 'stale' });
    expect(targetTitles()).toContain('later-6');
  });
});

describe('a retry that reads the row', () => {
  test('brings what its source holds now, under the id of the event', async () => {
    const { event, retry, handle } = await deadEvent('broken-7');
    holds(event, { name: 'now-7' }, 5n);
    await retry({ reread: true });
    expect(await world.result(handle)).toMatchObject({ state: 'resolved', outcome: 'applied' });
    expect(targetTitles()).toContain('now-7');
    await expect(world.start(event)).rejects.toThrow(/already started/i);
  });

  test('leaves a delete alone, which has no row', async () => {
    world.right.follow(() => 'data');
    const event = { ...world.newParent(), operation: 'DELETE' as const };
    await world.sync(event).catch(() => {});
    const { retry } = world.deadLetter(event.event_id);
    expect(await refusal(retry({ reread: true }))).toMatchObject({
      message: expect.stringMatching(/end of its row/),
    });
  });
});

test('of many, one under retry is left alone', async () => {
  const { retry, status, handle } = await deadEvent('broken-8');
  world.right.follow(() => 'unavailable');
  await retry({ onlyOpen: true });
  expect(await refusal(retry({ onlyOpen: true }))).toEqual({
    message: 'a retry is running',
    type: 'not_open',
  });
  expect(await status()).toMatchObject({ retries: 1 });
  world.right.follow(() => null);
  expect(await world.result(handle)).toMatchObject({ state: 'resolved' });
});

test('by command a retry that fails again at once is told of, and one that is closed is left alone', async () => {
  const { event, handle } = await deadEvent('broken-10');
  const retry = async () => {
    const [decided] = await decideDeadLetters(world.client, [event.event_id], {
      kind: 'retry',
      onlyOpen: true,
    });
    return decided;
  };
  world.right.follow(() => 'data');
  expect(await retry()).toMatchObject({ state: 'open', error: 'failed again: scripted data' });
  world.right.follow(() => null);
  expect(await retry()).toMatchObject({ error: null, skipped: null });
  expect(await world.result(handle)).toMatchObject({ state: 'resolved', retries: 2 });
  expect(await retry()).toMatchObject({
    state: null,
    error: null,
    skipped: expect.stringMatching(/no open dead letter/),
  });
});

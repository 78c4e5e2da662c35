import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import type { ApplyResult } from '../../src/change/outcome.ts';
import type { ErrorClass } from '../../src/errors/error-class.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());

/** How a workflow failed. */
async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await run.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure))
    throw new Error('the workflow did not fail with an ApplicationFailure', { cause: error });
  return error.cause;
}

const always = (errorClass: ErrorClass) => () => errorClass;

describe('a fine event', () => {
  test('is applied in one workflow task and tells its outcome', async () => {
    world.right.follow(() => null);
    const event = world.newParent();
    expect(await world.sync(event)).toMatchObject({ outcome: 'applied', replayed: false });
    const handle = world.client.workflow.getHandle(event.event_id);
    const { events } = await handle.fetchHistory();
    expect(events?.filter((e) => e.workflowTaskCompletedEventAttributes)).toHaveLength(1);
    expect(await world.status(event)).toMatchObject({ step: 'done', trouble: null });
    expect(await handle.query('outcome')).toBe('applied');
  });

  test('from the future is applied like any other, and says how far ahead its clock was', async () => {
    world.right.follow(() => null);
    const event = { ...world.newParent(), clock: String((BigInt(Date.now()) + 3_600_000n) * 1000n) };
    const { clock_ahead_seconds: ahead, ...result } = (await world.sync(event)) as ApplyResult;
    expect(result).toMatchObject({ outcome: 'applied', replayed: false });
    expect(ahead).toBeGreaterThan(3500);
    expect((await world.status(event)).result).toMatchObject({ clock_ahead_seconds: ahead });
  });

  test('whose answer is lost after the commit is replayed, not applied twice', async () => {
    world.right.follow(() => null);
    world.right.failAfterCommit = new SyncError('unavailable', 'the connection broke after the commit');
    const event = world.newParent();
    expect(await world.sync(event)).toMatchObject({ outcome: 'applied', replayed: true });
    expect(world.right.tries).toHaveLength(2);
  });
});

describe('constraint', () => {
  test('is tried at 0, 1, 3 and 7 s, then becomes a dead letter with retry_count 3', async () => {
    world.right.follow(always('constraint'));
    const event = world.newParent();
    const failure = await failureOf(world.sync(event));
    expect(failure.type).toBe('constraint');
    expect(world.secondsOfRegularTries).toEqual([0, 1, 3, 7]);
    const status = await world.deadLetter(event.event_id).status();
    expect(status).toMatchObject({
      state: 'open',
      failure: { errorClass: 'constraint', retryCount: 3, signature: 'constraint/parents/X1/-' },
    });
    await world.until(() => world.published.some(({ key }) => key === event.event_id));
    const message = JSON.parse(world.published.find(({ key }) => key === event.event_id)!.value);
    expect(message).toMatchObject({
      original_event: event,
      error_message: 'scripted constraint',
      retry_count: 3,
    });
    expect(Object.keys(message).toSorted()).toEqual(
      ['error_message', 'failed_at', 'original_event', 'retry_count', 'stack_trace'].toSorted(),
    );
  });

  test('with 8 retries is never further apart than 30 s', async () => {
    world.right.follow(always('constraint'));
    const limits = { maxRetries: 8, waitingDeadlineMs: 600_000 };
    await failureOf(world.sync(world.newParent(), { limits }));
    expect(world.secondsOfRegularTries).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
  });

  test('goes on after a ten-minute outage with the retries it had left', async () => {
    let outageEnds = 0;
    world.right.follow((attempt, at) => {
      if (attempt <= 3) return 'constraint';
      outageEnds ||= at + 600_000;
      return at < outageEnds ? 'unavailable' : 'constraint';
    });
    const event = world.newParent();
    await failureOf(world.sync(event));
    const afterwards = world.right.tries.filter((at) => at >= outageEnds);
    const [first = 0, second = 0] = afterwards;
    expect(afterwards).toHaveLength(2);
    expect(Math.round((second - first) / 1000)).toBe(4);
    expect(await world.deadLetter(event.event_id).status()).toMatchObject({
      failure: { errorClass: 'constraint', retryCount: 3 },
    });
  });

  test('that ends during the outage makes no dead letter', async () => {
    let outageEnds = 0;
    world.right.follow((attempt, at) => {
      if (attempt <= 3) return 'constraint';
      outageEnds ||= at + 600_000;
      if (at < outageEnds) return 'unavailable';
      return world.right.tries.filter((t) => t >= outageEnds).length === 1 ? 'constraint' : null;
    });
    const event = world.newParent();
    expect(await world.sync(event)).toMatchObject({ outcome: 'applied' });
    await expect(world.deadLetter(event.event_id).status()).rejects.toThrow(/not found/i);
  });
});

describe('classes without a limit', () => {
  test('do not spin when they alternate', async () => {
    world.right.follow((attempt) => {
      if (attempt > 21) return null;
      return attempt % 2 === 0 ? 'contention' : 'unavailable';
    });
    await world.sync(world.newParent());
    // 10 of each: 0.05 … 2 s apart under contention, 0.5 … 10 s under unavailable.
    expect(world.secondsOfRegularTries.at(-1)).toBeGreaterThan(60);
  });

  test('schema keeps the event open, says so, and applies once the column is there', async () => {
    let missing = true;
    world.right.follow(() => (missing ? 'schema' : null));
    const event = world.newParent();
    const handle = await world.start(event);
    await world.env.sleep('1 hour');
    expect(await world.status(event)).toMatchObject({
      step: 'upsertRow',
      trouble: { errorClass: 'schema', message: 'scripted schema' },
      result: null,
    });
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.getAll()).toContainEqual({
      key: { name: 'TandemErrorClass', type: 'KEYWORD' },
      value: 'schema',
    });
    missing = false;
    expect(await world.result(handle)).toMatchObject({ outcome: 'applied' });
  });
});

describe('waiting for a row', () => {
  test('ends when the row comes', async () => {
    world.right.follow(() => null);
    const parent = world.newParent();
    const child = world.newChild(parent.primary_key);
    const handle = await world.start(child);
    await world.env.sleep('10 seconds');
    expect(await world.status(child)).toMatchObject({
      step: 'upsertRow',
      trouble: { errorClass: 'waiting_for_row' },
    });
    await world.sync(parent);
    expect(await world.result(handle)).toMatchObject({ outcome: 'applied' });
  });
});

describe('what never ends silently', () => {
  test('data is dead at once, without a retry', async () => {
    world.right.follow(always('data'));
    const event = world.newParent();
    expect((await failureOf(world.sync(event))).type).toBe('data');
    expect(world.right.tries).toHaveLength(1);
    expect(await world.deadLetter(event.event_id).status()).toMatchObject({ failure: { retryCount: 0 } });
  });

  test('cancellation becomes a dead letter of the class the event was in', async () => {
    world.right.follow(always('schema'));
    const event = world.newParent();
    const handle = await world.start(event);
    await world.env.sleep('1 minute');
    await handle.cancel();
    expect((await failureOf(world.result(handle))).type).toBe('schema');
    expect(await world.deadLetter(event.event_id).status()).toMatchObject({
      state: 'open',
      failure: { signature: 'schema/cancelled' },
    });
  });

  test('an error nobody foresaw is a bug, and none of its words get out', async () => {
    world.right.follow(() => {
      throw new TypeError('cannot read secret-name');
    });
    const event = world.newParent();
    const failure = await failureOf(world.sync(event));
    expect(failure.type).toBe('bug');
    expect(failure.message).toBe('unexpected TypeError in upsertRow');
    expect(JSON.stringify(world.failures)).not.toContain('secret-name');
  });
});

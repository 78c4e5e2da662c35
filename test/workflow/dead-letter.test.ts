import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { ChangeEvent } from '../../src/change/event.ts';
import type { ApplyResult } from '../../src/change/outcome.ts';
import type { DeadLetterInput } from '../../src/temporal/messages.ts';
import { defaultRetryLimits } from '../../src/errors/policy.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { recordId } from '../../src/change/event-id.ts';
import { updateNames, workflowTypes } from '../../src/temporal/names.ts';
import { deadLetterStartOptions } from '../../src/temporal/start-dead-letter.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open();
});
afterAll(() => world[Symbol.asyncDispose]());

/** An event that became a dead letter because its value did not fit. */
async function deadEvent(): Promise<ChangeEvent> {
  world.right.follow(() => 'data');
  const event = world.newParent();
  await world.sync(event).catch(() => {});
  return event;
}

/** What the operator is told when a decision is refused. */
async function refusal(update: Promise<unknown>): Promise<string> {
  const error: unknown = await update.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(error instanceof WorkflowUpdateFailedError)) throw new Error('not refused', { cause: error });
  return error.cause?.message ?? '';
}

const detailsOf = async ({ event_id }: ChangeEvent): Promise<string> => {
  const { handle } = world.deadLetter(event_id);
  return (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
};

const messagesOf = ({ event_id }: ChangeEvent) => world.published.filter(({ key }) => key === event_id);

describe('retry', () => {
  test('applies the event and resolves the dead letter', async () => {
    const event = await deadEvent();
    world.right.follow(() => null);
    const { retry, status, handle } = world.deadLetter(event.event_id);
    await retry();
    await world.until(async () => (await status()).state !== 'retrying');
    expect(await status()).toMatchObject({ state: 'resolved', outcome: 'applied', retries: 1 });
    expect((await handle.describe()).status.name).toBe('COMPLETED');
    expect((await world.status(event)).result).toMatchObject({ outcome: 'applied' });
  });

  test('that fails again opens it again and publishes it again', async () => {
    const event = await deadEvent();
    const { retry, status } = world.deadLetter(event.event_id);
    await world.until(() => messagesOf(event).length === 1);
    world.right.follow(() => 'constraint');
    await retry();
    await world.until(async () => (await status()).state === 'open');
    expect(await status()).toMatchObject({
      failure: { errorClass: 'constraint', retryCount: 3 },
      retries: 1,
    });
    await world.until(() => messagesOf(event).length === 2);
  });

  test('stays allowed while one runs, since that one may have been terminated', async () => {
    const event = await deadEvent();
    world.right.follow(() => 'schema');
    const { retry, status, discard } = world.deadLetter(event.event_id);
    await retry();
    expect(await status()).toMatchObject({ state: 'retrying' });
    expect(await refusal(discard('no'))).toMatch(/a retry is running: cancel/);
    // The time-skipping server stands still for ever when a task is under way at a termination.
    await world.until(
      async () => world.right.tries.length === 2 && (await world.status(event)).trouble !== null,
    );
    await world.client.workflow.getHandle(event.event_id).terminate();
    world.right.follow(() => null);
    await world.env.sleep('2 seconds');
    await retry();
    await world.until(async () => (await status()).state === 'resolved');
    expect(await status()).toMatchObject({ retries: 2, outcome: 'applied' });
  });

  test('of an event that was applied meanwhile resolves it with that outcome', async () => {
    const event = await deadEvent();
    world.right.follow(() => null);
    await world.sync(event);
    const { retry, status } = world.deadLetter(event.event_id);
    await retry();
    await world.until(async () => (await status()).state === 'resolved');
    expect(await status()).toMatchObject({ outcome: 'applied', retries: 1 });
  });
});

describe('discard', () => {
  test('needs a reason', async () => {
    const event = await deadEvent();
    expect(await refusal(world.deadLetter(event.event_id).discard(' '))).toMatch(/needs a reason/);
  });

  test('waits for a target that is away, then is final: a redelivery changes nothing', async () => {
    const event = await deadEvent();
    world.right.follow((attempt) => (attempt < 3 ? 'unavailable' : null));
    const { discard, handle, status } = world.deadLetter(event.event_id);
    const { failure } = await status();
    await discard('test row', 'ada');
    expect(await world.result(handle)).toMatchObject({
      state: 'discarded',
      outcome: 'discarded',
      discardReason: 'test row',
    });
    expect(messagesOf(event).map(({ value }) => JSON.parse(value) as unknown)).toEqual([
      expect.objectContaining({ original_event: event, failed_at: failure.failedAt }),
      {
        resolution: 'discarded',
        event_id: event.event_id,
        pipeline: 'pair',
        entity_type: 'parents',
        outcome: 'discarded',
        reason: 'test row',
        resolved_by: 'ada',
        resolved_at: expect.any(String),
        failed_at: failure.failedAt,
      },
    ]);
    expect(await world.sync(event)).toMatchObject({ outcome: 'discarded', replayed: true });
    expect(world.right.rows('parents').has(event.primary_key)).toBe(false);
  });

  test('holds when the redelivered event dies before it reaches the ledger', async () => {
    const event = await deadEvent();
    world.right.follow(() => null);
    const { discard, handle } = world.deadLetter(event.event_id);
    await discard('test row');
    await world.result(handle);
    world.right.follow(() => 'data');
    expect(await world.sync(event)).toMatchObject({ outcome: 'discarded', replayed: true });
  });
});

describe('an open dead letter', () => {
  test('counts one failure once, however often it is raised', async () => {
    const event = await deadEvent();
    const { status } = world.deadLetter(event.event_id);
    const { failure } = await status();
    const input: DeadLetterInput = {
      pipeline: 'pair',
      subject: { kind: 'event', event },
      failure,
      limits: defaultRetryLimits,
    };
    await world.client.workflow.signalWithStart(workflowTypes.deadLetter, deadLetterStartOptions(input));
    const again = { ...input, failure: { ...failure, failedAt: new Date(0).toISOString() } };
    await world.client.workflow.signalWithStart(workflowTypes.deadLetter, deadLetterStartOptions(again));
    await world.until(() => messagesOf(event).length >= 2);
    expect(messagesOf(event)).toHaveLength(2);
  });

  test('is not closed by cancelling it', async () => {
    const event = await deadEvent();
    const { handle, status } = world.deadLetter(event.event_id);
    await handle.cancel();
    await world.env.sleep('1 hour');
    expect((await handle.describe()).status.name).toBe('RUNNING');
    expect(await status()).toMatchObject({ state: 'open' });
  });

  test('shows what an operator needs and is found by its search attributes', async () => {
    const event = await deadEvent();
    const { handle } = world.deadLetter(event.event_id);
    const details = await detailsOf(event);
    expect(details).toMatch(/CREATE parents left/);
    expect(details).toMatch(/\*\*data\*\* after 0 retries/);
    const { typedSearchAttributes } = await handle.describe();
    const found = Object.fromEntries(
      typedSearchAttributes
        .getAll()
        .flatMap(({ key: { name }, value }) => (name.startsWith('Tandem') ? [[name, value]] : [])),
    );
    expect(found).toMatchObject({
      TandemPipeline: 'pair',
      TandemEntity: 'parents',
      TandemOperation: 'CREATE',
      TandemSide: 'left',
      TandemErrorClass: 'data',
      TandemErrorSignature: 'data/parents/X1/-',
    });
  });
});

describe('the row of an open dead letter', () => {
  test('is shown beside what the target holds, as it was when the event died, and anew when asked', async () => {
    world.right.follow(() => null);
    const before = world.newParent();
    const { target_key: key } = (await world.sync(before)) as ApplyResult;
    world.right.follow(() => 'data');
    const event = world.renamed(before);
    await world.sync(event).catch(() => {});
    await world.until(async () => (await detailsOf(event)).includes('Looked at'));
    expect(await detailsOf(event)).toContain('| name → title | `another-secret` | `secret-name` |');

    world.right.rows('parents').delete(key!);
    const { handle } = world.deadLetter(event.event_id);
    await handle.executeUpdate(updateNames.look);
    expect(await detailsOf(event)).toContain('right has no such row');
    const { typedSearchAttributes } = await handle.describe();
    expect(JSON.stringify(typedSearchAttributes.getAll())).not.toContain('secret');
  });

  test('that cannot be read holds nothing up', async () => {
    const event = await deadEvent();
    const findIdentity = world.right.findIdentity.bind(world.right);
    world.right.findIdentity = () => Promise.reject(new Error('secret-name'));
    const { handle, discard } = world.deadLetter(event.event_id);
    await handle.executeUpdate(updateNames.look).finally(() => {
      world.right.findIdentity = findIdentity;
    });
    expect(await detailsOf(event)).toMatch(/could not be read: unexpected Error in lookAtDeadRow/);
    expect(await detailsOf(event)).not.toContain('secret-name');
    world.right.follow(() => null);
    await discard('test row');
    expect(await world.result(handle)).toMatchObject({ outcome: 'discarded' });
  });
});

describe('a record that could not be parsed', () => {
  async function deadRecord(offset: string) {
    const eventId = recordId('pair', 'left.parents', 0, offset);
    const input: DeadLetterInput = {
      pipeline: 'pair',
      subject: {
        kind: 'record',
        eventId,
        side: 'left',
        reference: { topic: 'left.parents', partition: 0, offset, expires: null },
        key: null,
        raw: 'e30=',
      },
      failure: {
        errorClass: 'data',
        message: 'not a change event',
        stack: '',
        signature: 'data/-/-/-',
        retryCount: 0,
        failedAt: new Date().toISOString(),
      },
      limits: defaultRetryLimits,
    };
    await world.client.workflow.signalWithStart(workflowTypes.deadLetter, deadLetterStartOptions(input));
    return { input, ...world.deadLetter(eventId) };
  }

  test('becomes an event of its own when a retry can parse it', async () => {
    world.right.follow(() => null);
    const event = world.newParent();
    world.records.parseRecord = async () => [{ kind: 'event', event }];
    const { retry, handle } = await deadRecord('1');
    await retry();
    expect(await world.result(handle)).toMatchObject({ state: 'resolved', outcome: null });
    expect(await world.result(world.client.workflow.getHandle(event.event_id))).toMatchObject({
      outcome: 'applied',
    });
  });

  test('stays open when it still cannot be parsed, and says why', async () => {
    world.records.parseRecord = () => Promise.reject(new SyncError('data', 'still not a change event'));
    const { retry, status } = await deadRecord('2');
    expect(await refusal(retry())).toBe('still not a change event');
    expect(await status()).toMatchObject({ state: 'open' });
  });

  test('is not opened again once it was discarded', async () => {
    const { discard, handle, input } = await deadRecord('3');
    await discard('garbage');
    expect(await world.result(handle)).toMatchObject({ state: 'discarded' });
    const again = world.client.workflow.signalWithStart(
      workflowTypes.deadLetter,
      deadLetterStartOptions(input),
    );
    await expect(again).rejects.toThrow(/already started/i);
  });
});

describe('a record too large for Temporal', () => {
  test('is read from its topic, and its row never comes into history', async () => {
    world.right.follow(() => null);
    const event = world.newParent();
    world.records.readRecord = async () => event;
    const { event_id: eventId } = event;
    const reference = { topic: 'left.parents', partition: 0, offset: '7', expires: null };
    const subject = { kind: 'reference', eventId, entity: 'parents', side: 'left', reference } as const;
    expect(await world.sync(event, { subject })).toMatchObject({ outcome: 'applied' });
    const history = await world.client.workflow.getHandle(eventId).fetchHistory();
    const payloads = JSON.stringify(history, (name, value: unknown) =>
      name === 'data' ? Buffer.from(String(value), 'base64').toString() : value,
    );
    expect(payloads).not.toContain('secret-name');
    expect(payloads).toContain('left.parents');
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { conflictId } from '../../src/change/event-id.ts';
import type { RowConflict } from '../../src/temporal/row-conflict.ts';
import { workflowTypes } from '../../src/temporal/names.ts';
import { readDeadLetterMessage } from '../../src/temporal/dead-letter-record.ts';
import type { DeadLetterMessage } from '../../src/temporal/dead-letter-record.ts';
import { conflictFailure, conflictStartOptions } from '../../src/temporal/start-conflict.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';
import { parentsUnder } from '../support/parents-under.ts';

let world: WorkflowWorld;
beforeAll(async () => {
  world = await WorkflowWorld.open({ pipeline: parentsUnder({ conflicts: 'manual', key: 'same' }) });
});
afterAll(() => world[Symbol.asyncDispose]());

let rows = 0;

/** A row of one key that both apps made, and its dead letter. */
async function inConflict() {
  const key = String(++rows);
  const write = (side: 'left' | 'right', value: string, clock: bigint) =>
    world[side]
      .rows('parents')
      .set(key, { values: { id: key, [side === 'left' ? 'name' : 'title']: value }, clock });
  write('left', 'from left', 10n);
  write('right', 'from right', 20n);
  const subject: RowConflict = {
    kind: 'conflict',
    eventId: conflictId('pair', 'parents', [key, key]),
    entity: 'parents',
    versions: [
      { side: 'left', key, clock: '10', row: { name: 'from left' } },
      { side: 'right', key, clock: '20', row: { title: 'from right' } },
    ],
  };
  const raise = (raised: RowConflict) =>
    world.client.workflow.signalWithStart(
      workflowTypes.deadLetter,
      conflictStartOptions({ pipeline: 'pair', subject: raised, failure: conflictFailure(raised) }),
    );
  await raise(subject);
  return { key, write, subject, raise, ...world.deadLetter(subject.eventId) };
}

async function refusal(update: Promise<unknown>): Promise<string> {
  const error: unknown = await update.then(
    () => null,
    (why: unknown) => why,
  );
  if (!(error instanceof WorkflowUpdateFailedError)) throw new Error('not refused', { cause: error });
  return error.cause?.message ?? '';
}

const readBack = ({ value, headers }: DeadLetterMessage) =>
  readDeadLetterMessage({ value: Buffer.from(value), headers });
const published = (eventId: string) => world.published.filter(({ key }) => key === eventId);

test('it is published once, shows both versions, and closes with the side that is taken', async () => {
  const { key, subject, raise, decide, status, handle } = await inConflict();
  await raise(subject);
  expect(await status()).toMatchObject({ state: 'open', entity: 'parents', conflict: subject });
  await world.until(() => published(subject.eventId).length > 0);
  expect(await decide('left')).toMatchObject({ state: 'resolved', outcome: 'conflict_applied' });
  expect(world.right.rows('parents').get(key)).toMatchObject({ values: { title: 'from left' } });
  await world.until(async () => (await handle.describe()).status.name === 'COMPLETED');
  const [record, resolution, ...more] = published(subject.eventId).map(readBack);
  expect(record).toMatchObject({
    kind: 'record',
    record: { subject, failure: { signature: 'conflict/parents' } },
  });
  expect(resolution).toMatchObject({ kind: 'resolution', eventId: subject.eventId });
  expect(more).toEqual([]);
});

test('a retry, a discard and an unknown side are refused with what to do instead', async () => {
  const { retry, discard, decide } = await inConflict();
  expect(await refusal(retry())).toMatch(/tandem dlq decide .* --take left\|right/);
  await expect(retry({ onlyOpen: true })).rejects.toMatchObject({ cause: { type: 'not_open' } });
  expect(await refusal(discard('because'))).toMatch(/tandem dlq decide/);
  expect(await refusal(decide('middle'))).toMatch(/left or right/);
});

test('a choice of versions that are outdated is refused and shows the new ones; a later edit renews what is shown', async () => {
  const { write, subject, raise, decide, status } = await inConflict();
  write('right', 'newer', 30n);
  expect(await refusal(decide('left'))).toMatch(/was changed since it was shown/);
  expect(await status()).toMatchObject({
    state: 'open',
    conflict: { versions: [{ clock: '10' }, { clock: '30', row: { title: 'newer' } }] },
  });
  write('left', 'newest', 40n);
  const [left, right] = subject.versions;
  await raise({
    ...subject,
    versions: [
      { ...left, clock: '40', row: { name: 'newest' } },
      { ...right, clock: '30' },
    ],
  });
  await world.until(async () => (await status()).conflict?.versions[0].clock === '40');
  expect(await decide('left')).toMatchObject({ state: 'resolved' });
});

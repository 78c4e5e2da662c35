import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import { SyncLag } from '../../src/observability/lag.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { OpenWork } from '../../src/observability/open-work.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import type { Temporal } from '../../src/process/temporal.ts';
import { deadLetterId, taskQueue, workflowTypes } from '../../src/temporal/names.ts';
import type { SearchAttribute } from '../../src/temporal/names.ts';
import { eventually } from '../support/eventually.ts';
import { testTemporal } from '../support/pipeline-system.ts';
import { peopleAndPersons } from '../support/people-and-persons.ts';

const pipeline = peopleAndPersons(`lag_${randomUUID().replaceAll('-', '').slice(0, 12)}`);

let temporal: Temporal;
const started: WorkflowHandle[] = [];

const connect = () => connectTemporal(testTemporal(), createLogger({ level: 'silent' }));

beforeAll(async () => {
  temporal = await connect();
});

afterAll(async () => {
  await Promise.allSettled(started.map((handle) => handle.terminate('end of the test')));
  await temporal.connection.close();
});

const keyword = (name: SearchAttribute, value: string) => ({
  key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
  value,
});

/** Open for as long as the test wants: no worker serves this task queue. */
async function open(
  type: keyof typeof workflowTypes,
  side: string,
  secondsAgo: number,
): Promise<WorkflowHandle> {
  const eventId = randomUUID();
  const timestamp = new Date(Date.now() - secondsAgo * 1000).toISOString();
  const handle = await temporal.client.workflow.start(workflowTypes[type], {
    taskQueue: taskQueue(pipeline.name),
    workflowId: type === 'deadLetter' ? deadLetterId(eventId) : eventId,
    args: [{ pipeline: pipeline.name, subject: { kind: 'event', event: { event_id: eventId, timestamp } } }],
    typedSearchAttributes: [
      keyword('TandemPipeline', pipeline.name),
      keyword('TandemEntity', 'people'),
      keyword('TandemSide', side),
    ],
  });
  started.push(handle);
  return handle;
}

test('the lag of each table is the age of its oldest open event, by its commit time on the source', async () => {
  const work = new OpenWork(temporal.client, pipeline);
  const lag = new SyncLag(['left.people', 'right.persons'], [work]);
  await work.refresh();
  expect(lag.worst()?.seconds).toBe(0);

  const oldest = await open('syncChange', 'left', 300);
  await open('syncChange', 'left', 20);
  await open('syncChange', 'right', 100);
  await open('deadLetter', 'left', 9000);
  await eventually('all to be visible', async () => {
    await work.refresh();
    expect({ inFlight: work.inFlight, deadLetters: work.deadLetters }).toEqual({
      inFlight: 3,
      deadLetters: 1,
    });
    return true;
  });
  const seconds = lag.seconds();
  expect(seconds.get('left.people')).toBeGreaterThanOrEqual(300);
  expect(seconds.get('left.people')).toBeLessThan(400);
  expect(seconds.get('right.persons')).toBeGreaterThanOrEqual(100);
  expect(seconds.get('right.persons')).toBeLessThan(200);

  await oldest.terminate('applied, as it were');
  await eventually('its end to be visible', async () => {
    await work.refresh();
    expect(work.inFlight).toBe(2);
    return true;
  });
  expect(lag.seconds().get('left.people')).toBeLessThan(300);
});

test('while Temporal does not answer, what was last seen stands', async () => {
  await open('syncChange', 'left', 50);
  const passing = await connect();
  const work = new OpenWork(passing.client, pipeline);
  await eventually('it to be visible', async () => {
    await work.refresh();
    return work.oldest().has('left.people');
  });
  const before = [...work.oldest()];
  await passing.connection.close();
  await expect(work.refresh()).rejects.toThrow();
  expect([...work.oldest()]).toEqual(before);
});

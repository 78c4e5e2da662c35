import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TypedSearchAttributes } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import { lookAtWork } from '../../src/cli/status/look-at-work.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import type { Temporal } from '../../src/process/temporal.ts';
import { taskQueue, workflowTypes } from '../../src/temporal/names.ts';
import { attributePairs } from '../../src/temporal/search-attributes.ts';
import { eventually } from '../support/eventually.ts';
import { testTemporal } from '../support/pipeline-system.ts';
import { peopleAndPersons } from '../support/people-and-persons.ts';

const pipeline = peopleAndPersons(`open_${randomUUID().replaceAll('-', '').slice(0, 12)}`);

let temporal: Temporal;
const started: WorkflowHandle[] = [];

beforeAll(async () => {
  temporal = await connectTemporal(testTemporal(), createLogger({ level: 'silent' }));
});

afterAll(async () => {
  await Promise.allSettled(started.map((handle) => handle.terminate('end of the test')));
  await temporal.connection.close();
});

/** Open for as long as the test wants: no worker serves this task queue. */
async function open(type: keyof typeof workflowTypes, side: string, errorClass: string | null = null) {
  const TandemEntity = side === 'nowhere' ? null : 'people';
  const handle = await temporal.client.workflow.start(workflowTypes[type], {
    taskQueue: taskQueue(pipeline.name),
    workflowId: randomUUID(),
    args: [{}],
    typedSearchAttributes: new TypedSearchAttributes(
      attributePairs({
        TandemPipeline: pipeline.name,
        TandemEntity,
        TandemSide: side,
        TandemErrorClass: errorClass,
      }),
    ),
  });
  started.push(handle);
}

test('listing what is open and counting it come to the same', async () => {
  await open('syncChange', 'left');
  await open('syncBatch', 'left');
  await open('syncChange', 'left', 'unavailable');
  await open('syncChange', 'left', 'waiting_for_row');
  await open('syncChange', 'right', 'waiting_for_row');
  await open('deadLetter', 'right', 'data');
  await open('deadLetter', 'nowhere', 'data');
  await eventually('all to be visible', async () => {
    const { all } = await lookAtWork(temporal.client, pipeline);
    return all.inFlight === 5 && all.deadLetters === 2;
  });
  for (const few of [1000, 0]) {
    const look = await lookAtWork(temporal.client, pipeline, few);
    expect({ few, ...look.all }).toEqual({ few, inFlight: 5, retrying: 1, waiting: 2, deadLetters: 2 });
    const bySide = pipeline.routes.map((route) => [route.source.side, look.of(route)] as const);
    expect(Object.fromEntries(bySide)).toEqual({
      left: { inFlight: 4, retrying: 1, waiting: 1, deadLetters: 0 },
      right: { inFlight: 1, retrying: 0, waiting: 1, deadLetters: 1 },
    });
    expect(look.oldest.size).toBe(2);
  }
});

import { expect, test } from '@jest/globals';
import { defaultDataConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../../src/activities/create-activities.ts';
import type { ActivityDeps } from '../../../src/activities/deps.ts';

test('an activity tells which attempt it is until it ends, so that a lost worker shows', async () => {
  const environment = new MockActivityEnvironment({ attempt: 3, heartbeatTimeoutMs: 30 });
  const beats: unknown[] = [];
  let enough = () => {};
  const twoBeats = new Promise<void>((resolve) => (enough = resolve));
  environment.on('heartbeat', (detail) => {
    if (beats.push(detail) === 2) enough();
  });
  const activities = createActivities({
    client: { options: { loadedDataConverter: defaultDataConverter } },
    deadLetterTopic: { send: () => twoBeats },
  } as unknown as ActivityDeps);
  await environment.run(() => activities.publishResolution({ pipeline: 'pair', resolution: {} as never }));
  expect(beats.slice(0, 2)).toEqual([{ attempt: 3 }, { attempt: 3 }]);
});

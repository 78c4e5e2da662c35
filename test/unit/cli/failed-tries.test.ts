import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { failedTries } from '../../../src/cli/failed-tries.ts';
import { packageRoot } from '../../../src/package-root.ts';

test.each([
  ['dead', 1],
  ['constraint-and-outage', 6],
])('the failed tries of a recorded run are counted: %s', (name, count) => {
  const text = readFileSync(join(packageRoot, 'test', 'histories', '0.1.0', `${name}.json`), 'utf8');
  expect(failedTries(historyFromJSON(JSON.parse(text)))).toBe(count);
});

test('what failed beside the verbs is no try of the event', () => {
  const raising = [
    { eventId: 1, activityTaskScheduledEventAttributes: { activityType: { name: 'raiseDeadLetter' } } },
    { eventId: 2, activityTaskStartedEventAttributes: { scheduledEventId: 1, attempt: 4 } },
    { eventId: 3, activityTaskFailedEventAttributes: { scheduledEventId: 1 } },
  ];
  expect(failedTries({ events: raising } as unknown as Parameters<typeof failedTries>[0])).toBe(0);
});

import type { History } from '@temporalio/common/lib/proto-utils.js';
import { syncSteps } from '../temporal/messages.ts';

const verbs = new Set<string>(['applyChange', ...syncSteps]);

/** How many tries of the verbs failed, or were lost, in a run of `syncChange`. */
export function failedTries({ events }: History): number {
  const ofVerb = new Set<string>();
  let failed = 0;
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (verbs.has(scheduled?.activityType?.name ?? '')) ofVerb.add(String(event.eventId));
    const started = event.activityTaskStartedEventAttributes;
    if (ofVerb.has(String(started?.scheduledEventId))) failed += (started?.attempt ?? 1) - 1;
    const ended = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
    if (ofVerb.has(String(ended?.scheduledEventId))) failed++;
    if (event.markerRecordedEventAttributes?.failure) failed++;
  }
  return failed;
}

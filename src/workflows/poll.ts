import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Outcome } from '../change/outcome.ts';
import { queryNames } from '../temporal/names.ts';
import { pollDetails } from '../temporal/poll-details.ts';
import { pollBegins } from '../temporal/polling.ts';
import type { PollActivities, PollInput, PollStatus } from '../temporal/polling.ts';
import { oneTry } from '../temporal/timeouts.ts';

const { pollSide } = proxyActivities<PollActivities>({
  ...oneTry,
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
  summary: 'look for changed rows',
});

const statusQuery = defineQuery<PollStatus>(queryNames.status);

/** Finds the changes of a side whose log cannot be read, look by look, until it is terminated. Where it is, is in here. */
export async function poll({ pipeline, side, status: before }: PollInput): Promise<void> {
  let status: PollStatus = before ?? { progress: pollBegins, rows: 0, outcomes: {}, left: 0, troubles: {} };
  setHandler(statusQuery, () => status);
  const show = () => setCurrentDetails(pollDetails(status));
  show();
  while (!workflowInfo().continueAsNewSuggested) {
    const { waitMs, progress, troubles, ...look } = await pollSide({
      pipeline,
      side,
      progress: status.progress,
    });
    status = {
      progress,
      troubles,
      rows: status.rows + look.rows,
      left: status.left + look.left,
      outcomes: sum(status.outcomes, look.outcomes),
    };
    show();
    if (waitMs > 0) await sleep(waitMs);
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof poll>({ pipeline, side, status });
}

function sum(a: PollStatus['outcomes'], b: PollStatus['outcomes']): PollStatus['outcomes'] {
  const counts = { ...a };
  for (const [outcome, count] of Object.entries(b) as [Outcome, number][])
    counts[outcome] = (counts[outcome] ?? 0) + count;
  return counts;
}

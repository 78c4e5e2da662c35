import {
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { alertCommand } from '../temporal/alert.ts';
import type { Alert, AlertActivities, AlertInput } from '../temporal/alert.ts';
import { signalNames } from '../temporal/names.ts';
import { oneTry } from '../temporal/timeouts.ts';

const raisedSignal = defineSignal<[Alert]>(signalNames.raised);

/**
 * Tells operators of one cause: at once, then at most once an interval, with all that came in between. Goes on for as
 * long as anything of the cause is open, then tells that as well and ends. What a webhook does not take for an interval
 * is told with what came since, so an alert is late and never lost.
 */
export async function alert({ alert: first, intervalMs, continued }: AlertInput): Promise<void> {
  const { tellAlert } = proxyActivities<AlertActivities>({
    ...oneTry,
    scheduleToCloseTimeout: Math.max(intervalMs, oneTry.startToCloseTimeout),
    retry: { initialInterval: '1s', maximumInterval: '1 minute' },
  });
  let latest = first;
  let { more, quiet, waitMs } = continued ?? { more: 0, quiet: false, waitMs: 0 };
  setHandler(raisedSignal, (raised) => {
    latest = raised;
    more++;
  });
  for (;;) {
    const until = Date.now() + waitMs;
    if (waitMs > 0) await condition(() => (quiet && more > 0) || mustContinue(), waitMs);
    if (mustContinue())
      await continueAsNew<typeof alert>({
        alert: latest,
        intervalMs,
        continued: { more, quiet, waitMs: Math.max(0, until - Date.now()) },
      });
    const telling = more;
    more = 0;
    try {
      const open = await tellAlert({ alert: latest, more: telling });
      if (telling === 0 && open === 0 && more === 0) return;
      quiet = telling === 0;
      waitMs = intervalMs;
      setCurrentDetails(`${latest.message}\n\n${open} open · \`${alertCommand(latest)}\``);
    } catch (error) {
      if (isCancellation(error)) throw error;
      more += telling;
      waitMs = 0;
    }
  }
}

const mustContinue = () => workflowInfo().continueAsNewSuggested;

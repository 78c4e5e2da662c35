import { patched, proxyActivities } from '@temporalio/workflow';
import type { Alert, AlertActivities } from '../temporal/alert.ts';
import { oneTry } from '../temporal/timeouts.ts';
import { patientRetry } from './decision-retry.ts';

/** Past that something is wrong with the alert, and what it is about must go on. */
const { raiseAlert } = proxyActivities<AlertActivities>({
  ...oneTry,
  scheduleToCloseTimeout: '10 minutes',
  retry: patientRetry,
});

/** Never throws. */
export async function tellOperators(alert: Alert): Promise<void> {
  if (patched('alerts')) await raiseAlert({ alert }).catch(() => {});
}

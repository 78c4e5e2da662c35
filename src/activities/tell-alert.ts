import { activityInfo } from '@temporalio/activity';
import { SyncError } from '../errors/sync-error.ts';
import type { Alert, AlertActivities } from '../temporal/alert.ts';
import { workflowTypes } from '../temporal/names.ts';
import { alertStartOptions } from '../temporal/start-alert.ts';
import type { ActivityDeps } from './deps.ts';

export async function raiseAlert({ client, alerts }: ActivityDeps, alert: Alert): Promise<void> {
  const { intervalMs } = alerts;
  await client.workflow.signalWithStart(workflowTypes.alert, alertStartOptions({ alert, intervalMs }));
}

/** The log is told once, however often the webhook has to be tried. */
export function tellAlertActivity({ alerts, observer }: ActivityDeps): AlertActivities['tellAlert'] {
  return async ({ alert, more }) => {
    const open = await alerts.countOpen(alert);
    if (more === 0 && open > 0) return open;
    const news = { alert, more, open };
    if (activityInfo().attempt === 1) observer.alerted(news);
    try {
      await alerts.post(news);
    } catch (error) {
      observer.posted(alert, error instanceof SyncError ? error.message : 'an unexpected error');
      throw error;
    }
    return open;
  };
}

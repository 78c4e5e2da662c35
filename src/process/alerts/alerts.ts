import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Alerts } from '../../activities/deps.ts';
import { deadLetterQuery } from '../../temporal/dead-letter-filter.ts';
import type { Alert } from '../../temporal/alert.ts';
import type { Settings } from '../config/settings.ts';
import { listLink, workflowLink } from '../web-ui.ts';
import { pagerDutyEvent, slackMessage } from './messages.ts';
import { postJson } from './post-json.ts';

/** Alerts by the configured webhook; without one only the log has them. */
export function alertsOf(settings: Settings, client: Client): Alerts {
  const { alertWebhookUrl: url, alertFormat, alertRoutingKey, alertIntervalSeconds } = settings;
  return {
    intervalMs: alertIntervalSeconds * 1000,
    async countOpen(alert) {
      if (alert.about === 'pause') return (await isRunning(client, alert.cause)) ? 1 : 0;
      return (await client.workflow.count(queryOf(alert))).count;
    },
    async post(news) {
      if (url === null) return;
      const { alert } = news;
      const link =
        alert.about === 'pause' ? workflowLink(settings, alert.cause) : listLink(settings, queryOf(alert));
      const body =
        alertFormat === 'slack'
          ? slackMessage(news, link)
          : pagerDutyEvent(news, link, alertRoutingKey ?? '');
      await postJson(url, body);
    },
  };
}

const queryOf = ({ pipeline, cause }: Alert) => deadLetterQuery({ pipeline, signature: cause });

async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

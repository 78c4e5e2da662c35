import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

export const alertVariables = {
  alertWebhookUrl: {
    name: 'ALERT_WEBHOOK_URL',
    schema: text.url(['http', 'https']),
    secret: true,
    description: 'Where alerts are posted; unset: the log alone has them. What they say: docs/alerts.md.',
  },
  alertFormat: {
    name: 'ALERT_FORMAT',
    schema: text.oneOf('slack', 'pagerduty'),
    default: 'slack',
    description:
      "What is posted. slack: `{text}`, which Mattermost, Google Chat and others take as well. pagerduty: PagerDuty's Events API v2.",
  },
  alertRoutingKey: {
    name: 'ALERT_ROUTING_KEY',
    schema: text.any,
    secret: true,
    description: 'Integration key of the PagerDuty service, for `ALERT_FORMAT=pagerduty`.',
  },
  alertIntervalSeconds: {
    name: 'ALERT_INTERVAL_SECONDS',
    schema: text.wholeNumber(5, 86_400),
    default: '900',
    unit: 'seconds',
    description: 'Between two alerts of one cause; the first comes at once, the next with all since.',
  },
} as const satisfies Record<string, Variable>;

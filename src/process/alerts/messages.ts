import { createHash } from 'node:crypto';
import { alertCommand, alertTitle } from '../../temporal/alert.ts';
import type { News } from '../../temporal/alert.ts';
import { alertId } from '../../temporal/names.ts';

/** As Slack takes it: text alone, so that whatever calls its webhooks Slack-compatible takes it as well. */
export function slackMessage(news: News, link: string): object {
  const { cause, message, hint } = news.alert;
  const title = `*${escaped(alertTitle(news))}*`;
  if (news.more === 0) return { text: title };
  return {
    text: [
      title,
      escaped(message),
      `\`${escaped(cause)}\``,
      escaped(hint),
      `<${link}|Show in Temporal> · \`${escaped(alertCommand(news.alert))}\``,
    ].join('\n'),
  };
}

/** The three characters that Slack gives a meaning. */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** An event of PagerDuty's Events API v2: one incident for each cause, resolved once nothing of it is open. */
export function pagerDutyEvent(news: News, link: string, routingKey: string): object {
  const { alert, more, open } = news;
  const { pipeline, cause, name, reason, message, hint } = alert;
  const of = {
    routing_key: routingKey,
    // At most 255 characters, which a signature may exceed.
    dedup_key: createHash('sha256').update(alertId(pipeline, cause)).digest('hex'),
  };
  if (more === 0) return { ...of, event_action: 'resolve' };
  return {
    ...of,
    event_action: 'trigger',
    client: 'Tandem',
    client_url: link,
    links: [{ href: link, text: 'Show in Temporal' }],
    payload: {
      summary: `${alertTitle(news)}: ${message}`.slice(0, 1024),
      source: `tandem/${pipeline}`,
      severity: 'error',
      component: name,
      group: pipeline,
      class: reason,
      custom_details: { signature: cause, new: more, open, hint, command: alertCommand(alert) },
    },
  };
}

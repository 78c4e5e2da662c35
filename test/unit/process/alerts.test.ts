import { describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { alertsOf } from '../../../src/process/alerts/alerts.ts';
import { pagerDutyEvent, slackMessage } from '../../../src/process/alerts/messages.ts';
import { postJson } from '../../../src/process/alerts/post-json.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { loadSettings } from '../../../src/process/config/settings.ts';
import type { Alert } from '../../../src/temporal/alert.ts';
import { openWebhook } from '../../support/webhook.ts';

const alert: Alert = {
  pipeline: 'blog',
  about: 'dead_letters',
  cause: 'constraint/users/3819/name_length',
  name: 'users',
  reason: 'constraint',
  message: 'constraint name_length refuses <the> row',
  hint: 'Correct the row & retry.',
};
const news = { alert, more: 12, open: 37 };
const link = 'http://localhost:8233/namespaces/default/workflows?query=x';

describe('Slack', () => {
  test('is told what, how many, why, what to do and where to look', () => {
    expect(slackMessage(news, link)).toEqual({
      text: [
        '*blog: 12 more dead letters of users (constraint), 37 open*',
        'constraint name_length refuses &lt;the&gt; row',
        '`constraint/users/3819/name_length`',
        'Correct the row &amp; retry.',
        `<${link}|Show in Temporal> · \`tandem dlq list --pipeline blog --signature 'constraint/users/3819/name_length'\``,
      ].join('\n'),
    });
  });

  test('is told a pause, and its end', () => {
    const pause: Alert = { ...alert, about: 'pause', name: 'blog/users', reason: 'fuse' };
    expect(slackMessage({ alert: pause, more: 1, open: 1 }, link)).toMatchObject({
      text: expect.stringMatching(/^\*blog\/users is paused \(fuse\)\*[^]*`tandem pause list`$/),
    });
    expect(slackMessage({ alert: pause, more: 0, open: 0 }, link)).toEqual({
      text: '*blog/users is no longer paused (fuse)*',
    });
  });
});

describe('PagerDuty', () => {
  test('has one incident for each cause, triggered and resolved', () => {
    const triggered = pagerDutyEvent(news, link, 'key') as { dedup_key: string };
    expect(triggered).toMatchObject({
      routing_key: 'key',
      event_action: 'trigger',
      payload: {
        summary: expect.stringMatching(/^blog: 12 more dead letters of users/),
        source: 'tandem/blog',
        severity: 'error',
        component: 'users',
        class: 'constraint',
        custom_details: { signature: alert.cause, new: 12, open: 37 },
      },
    });
    expect(pagerDutyEvent({ alert, more: 0, open: 0 }, link, 'key')).toEqual({
      routing_key: 'key',
      dedup_key: triggered.dedup_key,
      event_action: 'resolve',
    });
    expect(
      pagerDutyEvent({ ...news, alert: { ...alert, cause: 'x'.repeat(300) } }, link, 'key'),
    ).toMatchObject({
      dedup_key: expect.stringMatching(/^.{1,255}$/),
    });
  });

  test('gets no summary longer than it takes', () => {
    const long = pagerDutyEvent({ ...news, alert: { ...alert, message: 'x'.repeat(2000) } }, link, 'key');
    expect((long as { payload: { summary: string } }).payload.summary).toHaveLength(1024);
  });
});

describe('the configured webhook', () => {
  const client = {} as Client;
  const signature = encodeURIComponent(`TandemErrorSignature = '${alert.cause}'`);

  test.each<[string, Record<string, string>, object]>([
    ['slack', {}, { text: expect.stringContaining(signature) }],
    [
      'pagerduty',
      { ALERT_FORMAT: 'pagerduty', ALERT_ROUTING_KEY: 'key' },
      { routing_key: 'key', event_action: 'trigger', client_url: expect.stringContaining(signature) },
    ],
  ])('gets %s', async (_format, own, body) => {
    await using webhook = await openWebhook(202);
    const settings = loadSettings(new Environment({ ALERT_WEBHOOK_URL: webhook.url, ...own }));
    await alertsOf(settings, client).post(news);
    expect(webhook.bodies).toMatchObject([body]);
  });

  test('must have its key for PagerDuty', () => {
    expect(() => loadSettings(new Environment({ ALERT_FORMAT: 'pagerduty' }))).toThrow(
      /ALERT_WEBHOOK_URL: must be set[^]*ALERT_ROUTING_KEY: must be set/,
    );
  });

  test('may be missing', async () => {
    await alertsOf(loadSettings(new Environment({})), client).post(news);
  });
});

describe('a webhook', () => {
  test('that answers 2xx has taken it', async () => {
    await using webhook = await openWebhook(202);
    await postJson(webhook.url, { text: 'told' });
    expect(webhook.bodies).toEqual([{ text: 'told' }]);
  });

  test.each([302, 400, 404, 429, 503])(
    'that answers %i has not, and its address is not told',
    async (status) => {
      await using webhook = await openWebhook(status);
      const error: unknown = await postJson(webhook.url, {}).catch((why: unknown) => why);
      expect(error).toMatchObject({ errorClass: 'unavailable', message: `the webhook answers ${status}` });
    },
  );

  test('that is away is told by its error code alone', async () => {
    const webhook = await openWebhook();
    const { url } = webhook;
    await webhook[Symbol.asyncDispose]();
    const error: unknown = await postJson(url, {}).catch((why: unknown) => why);
    expect(error).toMatchObject({
      errorClass: 'unavailable',
      message: 'the webhook cannot be reached (ECONNREFUSED)',
    });
  });
});

import type { RetryLimits } from '../../errors/policy.ts';
import { loadEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { readVariable, refuse } from './read-variable.ts';
import type { Setting } from './read-variable.ts';
import { tlsContradictions } from './tls-contradictions.ts';
import { variables } from './variables.ts';

type Table = typeof variables;

/** Every setting, valid and with its default; null where the variable is unset and has none. */
export type Settings = { readonly [K in keyof Table]: Setting<Table[K]> };

const isLoopback = (host: string) => /^(localhost|127\.[\d.]+|::1)$/.test(host);

function contradictions(settings: Settings): string[] {
  const problems = tlsContradictions(settings);
  const { saslMechanism, saslUsername, saslPassword, workerSlots, poolSize } = settings;
  if (saslMechanism !== null) {
    if (saslUsername === null) problems.push('KAFKA_SASL_USERNAME: must be set with KAFKA_SASL_MECHANISM');
    if (saslPassword === null) problems.push('KAFKA_SASL_PASSWORD: must be set with KAFKA_SASL_MECHANISM');
  } else if (saslUsername !== null || saslPassword !== null)
    problems.push('KAFKA_SASL_MECHANISM: must be set with KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD');
  const { awsAccessKeyId, awsSecretAccessKey } = settings;
  if (awsAccessKeyId !== null && awsSecretAccessKey === null)
    problems.push('AWS_SECRET_ACCESS_KEY: must be set with AWS_ACCESS_KEY_ID');
  if (awsAccessKeyId === null && awsSecretAccessKey !== null)
    problems.push('AWS_ACCESS_KEY_ID: must be set with AWS_SECRET_ACCESS_KEY');
  const { codecHost, codecToken, codecIssuer, codecAudience } = settings;
  if ((codecIssuer === null) !== (codecAudience === null))
    problems.push('CODEC_AUDIENCE: must be set with CODEC_ISSUER, and not without it');
  if (!isLoopback(codecHost) && codecToken === null && codecIssuer === null)
    problems.push('CODEC_TOKEN: must be set, or CODEC_ISSUER, since CODEC_HOST is not a loopback address');
  const { endpointsHost, endpointsToken, httpClientAuthority } = settings;
  if (!isLoopback(endpointsHost) && endpointsToken === null && httpClientAuthority === null)
    problems.push(
      'ENDPOINTS_TOKEN: must be set, or HTTP_TLS_CLIENT_CA_FILE, since ENDPOINTS_HOST is not a loopback address',
    );
  if (workerSlots > poolSize)
    problems.push(`SYNC_WORKER_SLOTS: must not be more than SYNC_POOL_SIZE, which is ${poolSize}`);
  if (settings.ledgerRetentionDays < settings.topicRetentionDays)
    problems.push(
      `LEDGER_RETENTION_DAYS: must not be shorter than TOPIC_RETENTION_DAYS, which is ${settings.topicRetentionDays}`,
    );
  if (settings.alertFormat === 'pagerduty')
    for (const [name, value] of [
      ['ALERT_WEBHOOK_URL', settings.alertWebhookUrl],
      ['ALERT_ROUTING_KEY', settings.alertRoutingKey],
    ])
      if (value === null) problems.push(`${name}: must be set with ALERT_FORMAT=pagerduty`);
  if (settings.metricsPort === settings.healthPort && settings.metricsPort !== 0)
    problems.push('HEALTH_PORT: must differ from METRICS_PORT');
  return problems;
}

/** Reads and validates all settings; throws `ConfigError` with every problem found. */
export function loadSettings(environment: Environment = loadEnvironment()): Settings {
  const problems: string[] = [];
  const settings = Object.fromEntries(
    Object.entries(variables).map(([key, variable]) => [key, readVariable(variable, environment, problems)]),
  ) as unknown as Settings;
  refuse(problems);
  refuse(contradictions(settings));
  return settings;
}

export function retryLimits(settings: Settings): RetryLimits {
  return { maxRetries: settings.maxRetries, waitingDeadlineMs: settings.waitingDeadlineSeconds * 1000 };
}

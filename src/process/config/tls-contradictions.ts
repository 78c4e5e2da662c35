import type { Settings } from './settings.ts';
import { variables } from './variables.ts';

type FileSetting = {
  [K in keyof Settings]: K extends `${string}${'Authority' | 'Certificate' | 'Key'}` ? K : never;
}[keyof Settings];

interface Encrypted {
  isOn: boolean;
  /** What switches it on. */
  by: string;
  certificate: FileSetting;
  key: FileSetting;
  authority: FileSetting;
}

/** Settings of TLS that do not go together, a line each. */
export function tlsContradictions(settings: Settings): string[] {
  const { kafkaTls, temporalTls, redisUrl, httpCertificate, saslMechanism, temporalApiKey } = settings;
  const servers: Encrypted[] = [
    {
      isOn: kafkaTls,
      by: 'KAFKA_SSL is true',
      authority: 'kafkaAuthority',
      certificate: 'kafkaCertificate',
      key: 'kafkaKey',
    },
    {
      isOn: temporalTls,
      by: 'TEMPORAL_TLS is true',
      authority: 'temporalAuthority',
      certificate: 'temporalCertificate',
      key: 'temporalKey',
    },
    {
      isOn: redisUrl.startsWith('rediss:'),
      by: 'REDIS_URL begins with rediss://',
      authority: 'redisAuthority',
      certificate: 'redisCertificate',
      key: 'redisKey',
    },
    {
      isOn: httpCertificate !== null,
      by: 'HTTP_TLS_CERT_FILE is set',
      authority: 'httpClientAuthority',
      certificate: 'httpCertificate',
      key: 'httpKey',
    },
  ];
  const problems = servers.flatMap(({ isOn, by, authority, certificate, key }) => {
    const set = [authority, certificate, key].filter((file) => settings[file] !== null);
    if (!isOn) return set.map((file) => `${variables[file].name}: has no effect unless ${by}`);
    const half = (settings[certificate] === null) !== (settings[key] === null);
    return half ? [`${variables[certificate].name} and ${variables[key].name}: go together`] : [];
  });
  if (saslMechanism === 'plain' && !kafkaTls)
    problems.push(
      'KAFKA_SASL_MECHANISM: plain would send the password as it is; set KAFKA_SSL=true, or take scram-sha-512',
    );
  if (temporalApiKey !== null && !temporalTls)
    problems.push('TEMPORAL_API_KEY: would be sent as it is; set TEMPORAL_TLS=true');
  return problems;
}

import type { Settings } from '../config/settings.ts';
import type { Connector } from './definition.ts';

const history = 'schema.history.internal.';

/** How a Java client reaches the brokers as Tandem does; nothing where they ask for nothing. */
function access(settings: Settings, variable: (name: string) => string | undefined): [string, string][] {
  const { kafkaTls, kafkaAuthority, saslMechanism, saslUsername, saslPassword } = settings;
  if (!kafkaTls && saslMechanism === null) return [];
  const found: [string, string][] = [
    ['security.protocol', `${saslMechanism === null ? '' : 'SASL_'}${kafkaTls ? 'SSL' : 'PLAINTEXT'}`],
  ];
  const authority = variable('CONNECT_KAFKA_CA_PATH') ?? kafkaAuthority ?? undefined;
  if (kafkaTls && authority !== undefined)
    found.push(['ssl.truststore.type', 'PEM'], ['ssl.truststore.location', authority]);
  const keystore = variable('CONNECT_KAFKA_KEYSTORE_PATH');
  if (kafkaTls && keystore !== undefined)
    found.push(['ssl.keystore.type', 'PEM'], ['ssl.keystore.location', keystore]);
  if (saslMechanism !== null) {
    const login = saslMechanism === 'plain' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule';
    const [username, password] = [saslUsername, saslPassword].map((text) => JSON.stringify(text));
    const module = `org.apache.kafka.common.security.${login}`;
    const own = `${module} required username=${username} password=${password};`;
    found.push(
      ['sasl.mechanism', saslMechanism.toUpperCase()],
      ['sasl.jaas.config', variable('CONNECT_KAFKA_JAAS') ?? own],
    );
  }
  return found;
}

/**
 * MySQL's connector keeps its schema history by clients of its own, which do not know how Kafka Connect reaches the
 * brokers: they are told what Tandem knows, or what `CONNECT_KAFKA_CA_PATH`, `_KEYSTORE_PATH` (PEM files on Kafka
 * Connect's machine) and `_JAAS` (which may be a `${file:…}` of Kafka Connect's) say. The file's own settings win.
 */
export function withSchemaHistory(
  { name, config }: Connector,
  settings: Settings,
  variable: (name: string) => string | undefined,
): Connector {
  if (!(`${history}kafka.bootstrap.servers` in config)) return { name, config };
  const told = ['producer', 'consumer'].flatMap((client) =>
    access(settings, variable).map(([key, value]) => [`${history}${client}.${key}`, value] as const),
  );
  return { name, config: { ...Object.fromEntries(told), ...config } };
}

import type { Settings } from '../config/settings.ts';
import type { Connector } from './definition.ts';

const history = 'schema.history.internal.';
/** The login, of Kafka Connect's own environment unless it says otherwise: Tandem's own would be shown. */
const jaas = 'CONNECT_KAFKA_JAAS';

/** How a Java client reaches the brokers as Tandem does; nothing where they ask for nothing. */
function access(settings: Settings, variable: (name: string) => string | undefined): [string, string][] {
  const { kafkaTls, kafkaAuthority, saslMechanism } = settings;
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
  if (saslMechanism !== null)
    found.push(
      ['sasl.mechanism', saslMechanism.toUpperCase()],
      ['sasl.jaas.config', variable(jaas) ?? `\${env:${jaas}}`],
    );
  return found;
}

/**
 * MySQL's connector keeps its schema history by clients of its own, which do not know how Kafka Connect reaches the
 * brokers: they are told what Tandem knows, or what `CONNECT_KAFKA_CA_PATH`, `_KEYSTORE_PATH` (PEM files on Kafka
 * Connect's machine) and `_JAAS` (a `${file:…}` or the like of Kafka Connect's) say. The file's own settings win.
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

import { encryptionOf, encryptionWord } from '../../database/encryption.ts';
import type { CompiledPipeline } from '../../pipeline/route.ts';
import type { Environment } from '../config/environment.ts';
import type { Settings } from '../config/settings.ts';
import { resolveSides, sidePrefix } from '../config/sides.ts';

const ports: Readonly<Record<string, string>> = { mysql: '3306', postgres: '5432' };

/**
 * What connector files may name beside the environment's own variables: of each side where Debezium finds its database
 * (`<SIDE>_CDC_HOST`, `_PORT`, `_DATABASE`, `_SSLMODE`, `_SSLROOTCERT`: those of the side's URL, unless set because Kafka
 * Connect runs elsewhere), `CONNECT_KAFKA_BROKERS` for the brokers as Kafka Connect sees them, `CONNECTOR_TRANSFORMS`
 * (without the filter where it is switched off), and the `TOPIC_…` settings.
 */
export function connectorVariables(
  pipeline: CompiledPipeline,
  settings: Settings,
  environment: Environment,
): (name: string) => string | undefined {
  const derived = new Map<string, string>([
    ['CONNECT_KAFKA_BROKERS', settings.brokers.join()],
    ['CONNECTOR_TRANSFORMS', settings.connectorFilter ? 'filter,epoch' : 'epoch'],
    ['TOPIC_PARTITIONS', String(settings.topicPartitions)],
    ['TOPIC_RETENTION_MS', String(settings.topicRetentionDays * 86_400_000)],
    ['TOPIC_MAX_MESSAGE_BYTES', String(settings.maxMessageBytes)],
  ]);
  for (const { name, engine, databaseUrl } of resolveSides(pipeline, environment).values()) {
    const url = new URL(databaseUrl);
    const prefix = `${sidePrefix(name)}_CDC_`;
    derived.set(`${prefix}HOST`, url.hostname);
    derived.set(`${prefix}PORT`, url.port || ports[engine]!);
    derived.set(`${prefix}DATABASE`, decodeURIComponent(url.pathname.slice(1)));
    const { mode, authority } = encryptionOf(engine, databaseUrl);
    // Where the side's own connections are plain, Debezium encrypts if the server offers it.
    if (mode !== 'disable') derived.set(`${prefix}SSLMODE`, encryptionWord(engine, mode).toLowerCase());
    // MySQL's connector takes no PEM, but a trust store, which is to be made of it.
    if (authority !== null && engine === 'postgres') derived.set(`${prefix}SSLROOTCERT`, authority);
  }
  return (name) => environment.get(name) ?? derived.get(name);
}

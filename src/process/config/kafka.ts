import type { KafkaConnection } from '../../ingest/kafka/client.ts';
import { readTlsFiles } from '../../tls/files.ts';
import type { Settings } from './settings.ts';

/** How to reach the brokers: the part of kafkajs's configuration that comes from the environment. */
export function kafkaConnection(settings: Settings): Omit<KafkaConnection, 'clientId'> {
  const { brokers, kafkaTls, saslMechanism, saslUsername, saslPassword } = settings;
  const connection: Omit<KafkaConnection, 'clientId'> = { brokers: [...brokers] };
  if (kafkaTls)
    connection.ssl = readTlsFiles({
      authority: settings.kafkaAuthority,
      certificate: settings.kafkaCertificate,
      key: settings.kafkaKey,
    });
  if (saslMechanism !== null && saslUsername !== null && saslPassword !== null) {
    const login = { username: saslUsername, password: saslPassword };
    if (saslMechanism === 'plain') connection.sasl = { mechanism: 'plain', ...login };
    else if (saslMechanism === 'scram-sha-256') connection.sasl = { mechanism: 'scram-sha-256', ...login };
    else connection.sasl = { mechanism: 'scram-sha-512', ...login };
  }
  return connection;
}

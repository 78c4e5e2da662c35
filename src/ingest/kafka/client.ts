import { Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import type { TlsIdentity } from '../../tls/files.ts';
import { pinoLogCreator } from './log-creator.ts';
import { kafkaSocket } from './socket.ts';

export interface KafkaConnection {
  brokers: readonly string[];
  /** Shown in the broker's logs and quotas. */
  clientId: string;
  /** Absent: plain text. */
  ssl?: TlsIdentity | undefined;
  sasl?: SASLOptions | undefined;
}

/**
 * A kafkajs client. A request is tried for about 20 s; what must outlast that (a consumer, a wait for a topic)
 * goes on by itself on top of it.
 */
export function createKafka(connection: KafkaConnection, log: Logger): Kafka {
  const config: KafkaConfig = {
    brokers: [...connection.brokers],
    clientId: connection.clientId,
    connectionTimeout: 3000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5000, retries: 7 },
    socketFactory: kafkaSocket,
    logCreator: pinoLogCreator(log),
  };
  if (connection.ssl !== undefined) config.ssl = connection.ssl;
  if (connection.sasl !== undefined) config.sasl = connection.sasl;
  return new Kafka(config);
}

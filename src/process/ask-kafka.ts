import { Kafka, logLevel } from 'kafkajs';
import type { KafkaConfig } from 'kafkajs';
import { kafkaSocket } from '../ingest/kafka/socket.ts';
import { kafkaConnection } from './config/kafka.ts';
import type { Settings } from './config/settings.ts';

/** A client for questions of an operator: it says soon that a broker is away, and logs nothing. */
export const askKafka = (settings: Settings, clientId: string, connectTimeoutMs: number): Kafka =>
  new Kafka({
    ...(kafkaConnection(settings) as Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>),
    clientId,
    socketFactory: kafkaSocket,
    connectionTimeout: connectTimeoutMs,
    logLevel: logLevel.NOTHING,
    retry: { retries: 1 },
  });

import { z } from 'zod';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

export const kafkaVariables = {
  brokers: {
    name: 'KAFKA_BROKERS',
    alias: 'KAFKA_BOOTSTRAP_SERVERS',
    schema: text.addresses,
    default: 'localhost:29092',
    description: 'Kafka brokers as host:port, separated by commas.',
  },
  kafkaTls: {
    name: 'KAFKA_SSL',
    schema: text.truth,
    default: 'false',
    description: 'Whether to speak TLS to the brokers, whose certificates are verified.',
  },
  kafkaAuthority: {
    name: 'KAFKA_SSL_CA_FILE',
    schema: text.file,
    description:
      "PEM file of the authority that signed the brokers' certificates, where it is not a public one.",
  },
  kafkaCertificate: {
    name: 'KAFKA_SSL_CERT_FILE',
    schema: text.file,
    description: 'PEM file of the client certificate, where the brokers ask for one.',
  },
  kafkaKey: {
    name: 'KAFKA_SSL_KEY_FILE',
    schema: text.file,
    description: 'PEM file of the key of `KAFKA_SSL_CERT_FILE`.',
  },
  saslMechanism: {
    name: 'KAFKA_SASL_MECHANISM',
    schema: text.oneOf('plain', 'scram-sha-256', 'scram-sha-512'),
    description: 'How to log in to Kafka; unset: no login. plain needs `KAFKA_SSL`.',
  },
  saslUsername: {
    name: 'KAFKA_SASL_USERNAME',
    schema: text.any,
    description: 'User for `KAFKA_SASL_MECHANISM`.',
  },
  saslPassword: {
    name: 'KAFKA_SASL_PASSWORD',
    schema: text.any,
    secret: true,
    description: 'Password for `KAFKA_SASL_MECHANISM`.',
  },
  topicPartitions: {
    name: 'TOPIC_PARTITIONS',
    schema: text.wholeNumber(1, 1000),
    default: '3',
    unit: 'partitions',
    description: 'Partitions of a change topic when it is created.',
  },
  topicRetentionDays: {
    name: 'TOPIC_RETENTION_DAYS',
    schema: text.wholeNumber(1, 3650),
    default: '7',
    unit: 'days',
    description: 'How long a change topic keeps records; not longer than `LEDGER_RETENTION_DAYS`.',
  },
  maxMessageBytes: {
    name: 'TOPIC_MAX_MESSAGE_BYTES',
    schema: text.wholeNumber(1_048_576, 1_073_741_824),
    default: '16777216',
    unit: 'bytes',
    description: 'Largest record a change topic takes.',
  },
  deadLetterTopic: {
    name: 'DLQ_TOPIC',
    schema: z.string().regex(/^[\w.-]{1,249}$/, 'must be a topic name'),
    default: 'sync.dlq',
    description:
      'Topic that receives a copy of every dead letter, and how it was closed: docs/dead-letter-topic.md.',
  },
  deadLetterRetentionDays: {
    name: 'DLQ_RETENTION_DAYS',
    schema: text.wholeNumber(1, 3650),
    default: '30',
    unit: 'days',
    description: 'How long `DLQ_TOPIC` keeps records.',
  },
  connectUrl: {
    name: 'CONNECT_URL',
    schema: text.httpUrl,
    default: 'http://localhost:8083',
    description: 'REST address of Kafka Connect.',
  },
  connectorFilter: {
    name: 'CONNECTOR_FILTER',
    schema: text.truth,
    default: 'true',
    description:
      "Whether the connectors drop what Tandem wrote. false where Kafka Connect lacks Debezium's scripting plug-in (most managed ones): Tandem's own writes then cost room in the topics and are dropped at ingest. `tandem connectors apply` brings a change to the connectors.",
  },
} as const satisfies Record<string, Variable>;

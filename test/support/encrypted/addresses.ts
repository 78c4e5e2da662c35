import { join } from 'node:path';
import { withEncryption } from '../../../src/database/encryption.ts';
import type { Variables } from '../../../src/stack/env-file.ts';
import type { StackFolders } from '../../../src/stack/folders.ts';
import { portOf, portOffset } from '../../../src/stack/ports.ts';
import { certificateFiles } from './certificates.ts';
import {
  certificateFolder,
  encryptedParts,
  isEncrypted,
  kafkaLogin,
  temporalPort,
  trustStore,
} from './parts.ts';

/** Of a run that encrypts; always the same one: what an earlier run left in Temporal is read by the next. */
const payloadKey = `tests:${Buffer.alloc(32, 'tests').toString('base64')}`;

/** What it adds to a test's own keys: schedules of earlier tests are read with it. */
export const keysBeside = isEncrypted ? `,${payloadKey}` : '';

/** Of a test that looks at payloads as they are without encryption. */
export const plainPayloads: Variables = isEncrypted ? { PAYLOAD_KEYS: `plain${keysBeside}` } : {};

/** A port of the test stack's. */
export function testPort(name: string): number {
  const use = encryptedParts.flatMap(({ ports }) => ports).find((each) => each.name === name)!;
  return portOf(use, process.env, portOffset('test'));
}

/** The same servers over TLS, by the name their certificates are for, and payloads that Temporal cannot read. */
export function encryptedAddresses(addresses: Variables, { home }: StackFolders): Variables {
  const { authority } = certificateFiles(certificateFolder(home));
  const databases = Object.entries(addresses)
    .filter(([name]) => /_(DATABASE|ADMIN)_URL$/.test(name))
    .map(([name, url]) => {
      const engine = url.startsWith('mysql:') ? 'mysql' : 'postgres';
      return [name, withEncryption(engine, url.replace('127.0.0.1', 'localhost'), { authority })];
    });
  return {
    ...addresses,
    ...(Object.fromEntries(databases) as Variables),
    KAFKA_BROKERS: `localhost:${testPort('KAFKA_LOGIN')}`,
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA_FILE: authority,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: kafkaLogin.username,
    KAFKA_SASL_PASSWORD: kafkaLogin.password,
    TEMPORAL_ADDRESS: `localhost:${temporalPort}`,
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority,
    REDIS_URL: `rediss://localhost:${testPort('REDIS_TLS')}`,
    REDIS_TLS_CA_FILE: authority,
    PAYLOAD_KEYS: payloadKey,
  };
}

/** Debezium's connections are verified in every run: it is told nothing else. */
export function verifyingConnectors(addresses: Variables, { home }: StackFolders): Variables {
  const folder = certificateFolder(home);
  const sides = Object.entries(addresses).flatMap(([name, url]) => {
    const [, side] = /^(\w+)_DATABASE_URL$/.exec(name) ?? [];
    return side === undefined ? [] : [{ side, isMysql: url.startsWith('mysql:') }];
  });
  const settings = sides.map(({ side, isMysql }) => ({
    [`${side}_CDC_HOST`]: 'localhost',
    [`${side}_CDC_SSLMODE`]: isMysql ? 'verify_identity' : 'verify-full',
    ...(isMysql
      ? {
          [`${side}_CDC_TRUSTSTORE`]: join(folder, trustStore.file),
          [`${side}_CDC_TRUSTSTORE_PASSWORD`]: `\${env:${trustStore.variable}}`,
        }
      : { [`${side}_CDC_SSLROOTCERT`]: certificateFiles(folder).authority }),
  }));
  return Object.assign({}, ...settings) as Variables;
}

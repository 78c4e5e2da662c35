import { expect, test } from '@jest/globals';
import { judge } from '../../../src/doctor/checks/transport.ts';
import type { Transport } from '../../../src/doctor/checks/transport.ts';

test.each([
  ['verified', ['db.example'], 'ok'],
  ['plain', ['localhost'], 'ok'],
  ['plain', ['127.0.0.3', '[::1]'], 'ok'],
  ['plain', ['127.0.0.1', 'db.example'], 'warn'],
  ['plain', ['0.0.0.0'], 'warn'],
  ['plain', ['[2001:db8::1]'], 'warn'],
  ['unverified', ['127.0.0.1'], 'ok'],
  ['unverified', ['db.example'], 'warn'],
] as const)('%s to %j: %s', (security: Transport['security'], hosts, status) => {
  const found = judge({ name: 'Kafka', hosts, security, repair: 'set KAFKA_SSL=true' });
  expect(found.status).toBe(status);
  if (status === 'warn') expect(found).toMatchObject({ subject: 'Kafka', repair: 'set KAFKA_SSL=true' });
});

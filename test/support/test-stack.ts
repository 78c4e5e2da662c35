import type { StackDatabase } from '../../src/stack/databases.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import type { Variables } from '../../src/stack/env-file.ts';
import type { Part } from '../../src/stack/part.ts';
import { skipPreflightVariable } from '../../src/stack/preflight.ts';
import { ignorePathVariable } from '../../src/stack/path-binary.ts';
import { openStack } from '../../src/stack/stack.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { encryptedAddresses, verifyingConnectors } from './encrypted/addresses.ts';
import { encryptedParts, isEncrypted } from './encrypted/parts.ts';

const databases: readonly StackDatabase[] = [
  { side: 'legacy', engine: 'postgres', database: 'legacy_db' },
  { side: 'revamp', engine: 'mysql', database: 'revamp_db' },
  { side: 'magento', engine: 'mysql', database: 'magento_db' },
  { side: 'micro', engine: 'postgres', database: 'microservices_db' },
  { side: 'replica', engine: 'mysql', database: 'main_database' },
  { side: 'dialler', engine: 'postgres', database: 'dialler_db' },
];

/** The tests' own servers, `.stack/test`: they run beside a demo. */
export const testStack = (): Stack =>
  openStack({
    name: 'test',
    databases,
    servers: { redis: true, queues: ['replica'] },
    parts: encryptedParts,
  });

/**
 * The servers of the long chaos run: its data are dropped before each. `portOffset`: two runs at once, of two checkouts, need
 * ports of their own.
 */
export const chaosStack = (portOffset = 2000): Stack =>
  openStack({
    name: 'chaos',
    databases,
    // Beside a test stack.
    portOffset,
    // A part that comes back under load finds less memory free than it was promised.
    environment: { ...process.env, [skipPreflightVariable]: '1' },
  });

/** Failover slots came with PostgreSQL 17: not what happens to be on PATH. A standby comes beside servers that have filled their memory. */
const drillEnvironment = { ...process.env, [ignorePathVariable]: '1', [skipPreflightVariable]: '1' };

/** The drills' servers: their data are dropped before each. */
export const drillStack = (): Stack =>
  openStack({ name: 'drills', databases, portOffset: 6000, environment: drillEnvironment });

/** A server that comes to stand in for one of the drills'. */
export const standbyStack = (part: Part): Stack =>
  openStack({
    name: 'drills-standby',
    databases,
    parts: [part],
    portOffset: 8000,
    environment: drillEnvironment,
  });

/** The benchmark's servers: its data are dropped before each run. */
export const benchStack = (): Stack =>
  openStack({ name: 'bench', databases, servers: { redis: true, queues: [] }, portOffset: 4000 });

/** Addresses of the running test stack; over TLS in a run that speaks it everywhere. Throws where jest's set-up did not bring it up. */
export function testAddresses(): Variables {
  const { folders } = testStack();
  const plain = readEnvFile(folders.env);
  if (Object.keys(plain).length === 0)
    throw new Error(
      `the test stack is not up: ${folders.env} is missing; run the tests through jest's project`,
    );
  const addresses = isEncrypted ? encryptedAddresses(plain, folders) : plain;
  return { ...addresses, ...verifyingConnectors(plain, folders) };
}

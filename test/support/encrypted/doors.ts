import { readFile } from 'node:fs/promises';
import { readEnvFile } from '../../../src/stack/env-file.ts';
import { testStack } from '../test-stack.ts';
import { certificateFiles } from './certificates.ts';
import { certificateFolder, isEncrypted, temporalPort } from './parts.ts';
import { temporalDoor } from './temporal-door.ts';
import type { TemporalDoor } from './temporal-door.ts';

/** In a run that speaks TLS everywhere, the door before the test stack's Temporal; open while jest runs. */
export async function openDoors(): Promise<TemporalDoor | null> {
  const { env, home } = testStack().folders;
  const { TEMPORAL_ADDRESS: to } = readEnvFile(env);
  if (!isEncrypted || to === undefined) return null;
  const files = certificateFiles(certificateFolder(home));
  const [cert, key] = await Promise.all([readFile(files.server, 'utf8'), readFile(files.key, 'utf8')]);
  return temporalDoor({ to, cert, key, port: temporalPort });
}

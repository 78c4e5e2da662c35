import { join } from 'node:path';
import { readEnvFile } from '../stack/env-file.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { stackNeeds } from './stack-needs.ts';

/**
 * The stack of this checkout, for these pipelines or the configured ones. Servers given by the environment or by `.env` are
 * not started.
 */
export const mainStack = async (pipelines: readonly string[] = []): Promise<Stack> =>
  openStack({
    ...(await stackNeeds(pipelines)),
    environment: { ...readEnvFile(join(process.cwd(), '.env')), ...process.env },
  });

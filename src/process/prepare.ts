import { migrateLedger } from '../database/migrate.ts';
import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Environment } from './config/environment.ts';
import { resolveSides, sidePrefix } from './config/sides.ts';
import { installSchemas } from './install-schema.ts';
import { pipelineFolder } from './pipelines.ts';
import { passwordOf } from './role-password.ts';
import { installedGrants } from './side-grants.ts';

/**
 * Makes the databases of a pipeline ready by the SQL of its folder: schemas, roles, triggers; and the ledger. Doing it again
 * changes nothing.
 */
export async function prepareDatabases(
  pipeline: CompiledPipeline & { folder?: string },
  environment: Environment,
  options: { sample: boolean },
): Promise<void> {
  const sides = resolveSides(pipeline, environment);
  const missing = [...sides.values()].filter(({ adminUrl }) => adminUrl === null);
  if (missing.length > 0)
    throw new ConfigError(missing.map(({ name }) => `${sidePrefix(name)}_ADMIN_URL: must be set`));
  const adminUrls = Object.fromEntries([...sides.values()].map(({ name, adminUrl }) => [name, adminUrl!]));
  await installSchemas(pipeline.folder ?? pipelineFolder(pipeline.name), adminUrls, {
    ...options,
    password: (side, role) => passwordOf(role, sides.get(side)!, environment),
    grants: (side) => installedGrants(pipeline, sides.get(side)!, environment),
    ledger: async (side, adminUrl) => {
      const { engine, databaseUrl: url, isTarget } = sides.get(side)!;
      if (isTarget) await migrateLedger({ side, engine, adminUrl, url });
    },
  });
}

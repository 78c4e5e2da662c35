import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.ts';
import { pathBinary } from '../../src/stack/path-binary.ts';

const version = 'v1.14.0';
const built = join(packageRoot, '.stack', 'downloads', `daprd-${version}`);

/**
 * Dapr's sidecar: of PATH, or built before; `npm run test:full` builds it where Go is there, which takes some minutes once.
 * Null where there is none.
 */
export async function findDaprd(): Promise<string | null> {
  const onPath = await pathBinary('daprd', process.env);
  if (onPath) return onPath.file;
  const file = join(built, 'daprd');
  if (existsSync(file)) return file;
  const go = await pathBinary('go', process.env, ['version']);
  if (process.env['TANDEM_TEST_FULL'] !== '1' || !go) return null;
  const partial = `${built}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const run = (...args: string[]) => execa(go.file, args, { cwd: partial });
  await run('mod', 'init', 'daprd');
  await run('get', `github.com/dapr/dapr/cmd/daprd@${version}`);
  await run('build', '-tags', 'stablecomponents', '-o', 'daprd', 'github.com/dapr/dapr/cmd/daprd');
  await rename(partial, built);
  return file;
}

/** The files of `deploy/dapr` for this Redis, in a folder. */
export async function daprResources(folder: string, redisHost: string): Promise<void> {
  for (const name of ['pubsub.yaml', 'subscription-migration.yaml', 'resiliency.yaml']) {
    const text = await readFile(join(packageRoot, 'deploy', 'dapr', name), 'utf8');
    await writeFile(join(folder, name), text.replace('localhost:6379', redisHost));
  }
}

import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { connectPlain } from '../../database/plain-connection.ts';
import { liveTables } from '../../database/live-schema.ts';
import type { LiveTable } from '../../database/live-schema.ts';
import { MissingTables } from '../../init/side-tables.ts';
import { sideFiles } from '../../init/side-files.ts';
import type { GeneratedFile, Parts } from '../../init/side-files.ts';
import { ConfigError } from '../../errors/config-error.ts';
import { packageRoot } from '../../package-root.ts';
import type { Engine } from '../../pipeline/define.ts';
import type { CompiledPipeline } from '../../pipeline/route.ts';
import { sidePrefix } from '../../process/config/sides.ts';

/** The tables of a database; only reads. Throws an error that names the side and never the URL. */
export async function tablesOf(side: string, engine: Engine, url: string): Promise<LiveTable[]> {
  try {
    const connection = await connectPlain(engine, url);
    try {
      return await liveTables(engine, connection);
    } finally {
      await connection.close();
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new Error(`${side}: its database cannot be read (${code ?? message})`, { cause: error });
  }
}

async function partsOf(engine: Engine): Promise<Parts> {
  const read = (name: string) =>
    readFile(join(packageRoot, 'src', 'init', 'parts', `${engine}-${name}`), 'utf8');
  return { routines: await read('routines.sql'), connector: await read('connector.json') };
}

/** The SQL and the connectors of a pipeline's sides. Throws `ConfigError` where a table is not there. */
export async function generatedFiles(
  pipeline: CompiledPipeline,
  live: ReadonlyMap<string, readonly LiveTable[]>,
): Promise<GeneratedFile[]> {
  const parts = { postgres: await partsOf('postgres'), mysql: await partsOf('mysql') };
  try {
    return [...live].flatMap(([side, tables]) => sideFiles(pipeline, side, sidePrefix(side), tables, parts));
  } catch (error) {
    if (error instanceof MissingTables) throw new ConfigError([error.message]);
    throw error;
  }
}

/** Writes what is not there yet, or all of it; returns what was written. */
export async function writeFiles(
  directory: string,
  files: readonly GeneratedFile[],
  { replace }: { replace: boolean },
): Promise<string[]> {
  const written: string[] = [];
  for (const { path, text, secret } of files) {
    const whole = join(directory, path);
    if (!replace && existsSync(whole)) continue;
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, text, { mode: secret ? 0o600 : 0o644 });
    written.push(path);
  }
  return written;
}

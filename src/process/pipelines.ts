import { existsSync, readdirSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError } from '../errors/config-error.ts';
import { packageRoot } from '../package-root.ts';
import { compilePipeline } from '../pipeline/compile.ts';
import type { PipelineDefinition } from '../pipeline/define.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Tour } from '../pipeline/tour.ts';

const variable = 'TANDEM_PIPELINES';
const here = fileURLToPath(import.meta.url);
/** `.js` when built, `.ts` under a test runner that compiles by itself. */
const extension = extname(here);
const folder = resolve(dirname(here), '..', '..', 'pipelines');

const isPath = (text: string) => isAbsolute(text) || text.startsWith('.') || /\.[cm]?[jt]s$/.test(text);

/** Names of the pipelines in the box. */
export function shippedPipelines(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, `pipeline${extension}`)));
}

/** Where the SQL, the connectors' tables and the tour of a pipeline in the box lie. */
export const pipelineFolder = (name: string): string => join(packageRoot, 'pipelines', name);

function locate(nameOrPath: string): string {
  if (isPath(nameOrPath)) {
    const path = resolve(nameOrPath);
    if (!existsSync(path)) throw new ConfigError([`${variable}: there is no file ${nameOrPath}`]);
    if (extname(path) === '.ts' && extension !== '.ts')
      throw new ConfigError([`${variable}: ${nameOrPath} is TypeScript; name the JavaScript it compiles to`]);
    return path;
  }
  if (shippedPipelines().includes(nameOrPath)) return join(folder, nameOrPath, `pipeline${extension}`);
  throw new ConfigError([
    `${variable}: there is no pipeline "${nameOrPath}"; there are ${shippedPipelines().join(', ') || 'none'}, or a path of a module`,
  ]);
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Imports a pipeline module by name (`pipelines/<name>`) or path and compiles its default export. Throws `ConfigError`
 * with a line per problem.
 */
export async function loadPipeline(nameOrPath: string): Promise<CompiledPipeline> {
  const path = locate(nameOrPath);
  const shown = relative(process.cwd(), path);
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (error) {
    throw new ConfigError([`${variable}: ${shown} cannot be loaded: ${reason(error)}`]);
  }
  const definition = module.default;
  if (typeof definition !== 'object' || definition === null)
    throw new ConfigError([`${variable}: ${shown} must export definePipeline({…}) as its default`]);
  try {
    return compilePipeline(definition as PipelineDefinition);
  } catch (error) {
    const lines = reason(error).split('\n');
    const problems = lines.length > 1 ? lines.slice(1) : lines;
    throw new ConfigError(problems.map((line) => `${variable}: ${nameOrPath}: ${line.trim()}`));
  }
}

/** The guided tour of a pipeline in the box; null where it has none. */
export async function loadTour(name: string): Promise<Tour | null> {
  const path = join(folder, name, `tour${extension}`);
  if (!existsSync(path)) return null;
  return ((await import(pathToFileURL(path).href)) as { default: Tour }).default;
}

/** Loads several; throws one `ConfigError` with the problems of all. */
export async function loadPipelines(namesOrPaths: readonly string[]): Promise<CompiledPipeline[]> {
  const results = await Promise.allSettled(namesOrPaths.map((each) => loadPipeline(each)));
  const problems: string[] = [];
  const pipelines: CompiledPipeline[] = [];
  for (const result of results) {
    if (result.status === 'fulfilled') pipelines.push(result.value);
    else if (result.reason instanceof ConfigError) problems.push(...result.reason.problems);
    else throw result.reason;
  }
  const names = pipelines.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  problems.push(...twice.map((name) => `${variable}: two pipelines are named "${name}"`));
  if (problems.length > 0) throw new ConfigError(problems);
  return pipelines;
}

import { existsSync, readdirSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';
import { ConfigError } from '../errors/config-error.ts';
import * as tandemSync from '../index.ts';
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

/** Where the SQL and the tour of a pipeline in the box lie. */
export const pipelineFolder = (name: string): string => join(packageRoot, 'pipelines', name);

/** A pipeline and where its files are: beside a module that has such folders, else in the box. */
export interface LoadedPipeline extends CompiledPipeline {
  /** Holds `sql/<side>/`. */
  folder: string;
  /** Holds the connectors' files. */
  connectors: string;
}

function withFolders(pipeline: CompiledPipeline, path: string): LoadedPipeline {
  const beside = (name: string) => existsSync(join(dirname(path), name));
  return {
    ...pipeline,
    folder: beside('sql') ? dirname(path) : pipelineFolder(pipeline.name),
    connectors: beside('debezium') ? join(dirname(path), 'debezium') : join(packageRoot, 'debezium'),
  };
}

function locate(nameOrPath: string): string {
  if (isPath(nameOrPath)) {
    const path = resolve(nameOrPath);
    if (!existsSync(path)) throw new ConfigError([`${variable}: there is no file ${nameOrPath}`]);
    return path;
  }
  if (shippedPipelines().includes(nameOrPath)) return join(folder, nameOrPath, `pipeline${extension}`);
  throw new ConfigError([
    `${variable}: there is no pipeline "${nameOrPath}"; there are ${shippedPipelines().join(', ') || 'none'}, or a path of a module`,
  ]);
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Compiles TypeScript as it is read. `tandem-sync` is this very package then, wherever the module lies, so that a pipeline
 * need not be beside an installation.
 */
const typescript = () => createJiti(here, { virtualModules: { 'tandem-sync': tandemSync }, fsCache: false });

/** A test runner compiles by itself. */
const importModule = (path: string): Promise<unknown> =>
  /\.[cm]?ts$/.test(path) && extension !== '.ts'
    ? typescript().import(path)
    : import(pathToFileURL(path).href);

/**
 * Imports a pipeline module by name (`pipelines/<name>`) or path and compiles its default export. Throws `ConfigError`
 * with a line per problem.
 */
export async function loadPipeline(nameOrPath: string): Promise<LoadedPipeline> {
  const path = locate(nameOrPath);
  const shown = relative(process.cwd(), path);
  let module: { default?: unknown };
  try {
    module = (await importModule(path)) as { default?: unknown };
  } catch (error) {
    throw new ConfigError([`${variable}: ${shown} cannot be loaded: ${reason(error)}`]);
  }
  return withFolders(compileModule(module, shown, nameOrPath), path);
}

/** The pipeline that the text of a TypeScript module makes, without a file. Throws as `loadPipeline` does. */
export async function loadPipelineText(text: string): Promise<CompiledPipeline> {
  const path = join(process.cwd(), 'pipeline.ts');
  const module = await typescript().evalModule(text, { id: path, filename: path, async: true });
  return compileModule(module as { default?: unknown }, path, path);
}

function compileModule(module: { default?: unknown }, shown: string, nameOrPath: string): CompiledPipeline {
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
export async function loadPipelines(namesOrPaths: readonly string[]): Promise<LoadedPipeline[]> {
  const results = await Promise.allSettled(namesOrPaths.map((each) => loadPipeline(each)));
  const problems: string[] = [];
  const pipelines: LoadedPipeline[] = [];
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

import { loadEnvironment } from '../process/config/environment.ts';
import type { Environment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import type { Settings } from '../process/config/settings.ts';
import { applyConnectors } from '../process/connectors.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { prepareDatabases } from '../process/prepare.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { mainStack } from './main-stack.ts';
import { bringUp } from './stack-progress.ts';

export interface Embedded {
  environment: Environment;
  settings: Settings;
  pipelines: CompiledPipeline[];
}

/**
 * Everything that has to be there before ingest and worker run on the embedded stack: servers, databases with schemas,
 * triggers and ledger, topics, connectors. Harmless when it is there already.
 */
export async function prepareEmbedded(
  options: { pipelines: readonly string[]; sample: boolean; say(line: string): void },
  signal: AbortSignal,
): Promise<Embedded> {
  const began = Date.now();
  await bringUp(await mainStack(options.pipelines), { signal });
  const environment = loadEnvironment();
  const settings = loadSettings(environment);
  const pipelines = await loadPipelines(
    options.pipelines.length > 0 ? options.pipelines : settings.pipelines,
  );
  for (const pipeline of pipelines) {
    signal.throwIfAborted();
    options.say(`${pipeline.name}: databases`);
    await prepareDatabases(pipeline, environment, options);
    options.say(`${pipeline.name}: connectors`);
    await applyConnectors({ pipeline, environment, signal });
  }
  options.say(`everything is up after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  return { environment, settings, pipelines };
}

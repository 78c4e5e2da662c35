import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipeline, loadPipelines } from '../process/pipelines.ts';

/** The pipeline by its name, configured or in the box, or by the path of its module. Throws `ConfigError`. */
export async function pipelineNamed(name: string): Promise<CompiledPipeline> {
  const configured = await loadPipelines(loadSettings().pipelines);
  return configured.find((each) => each.name === name) ?? (await loadPipeline(name));
}

/** The pipelines that are configured, or the one of them that is named. Throws `ConfigError` where it is none of them. */
export async function configuredPipelines(name?: string): Promise<CompiledPipeline[]> {
  const configured = await loadPipelines(loadSettings().pipelines);
  const wanted = configured.filter((each) => name === undefined || each.name === name);
  if (wanted.length === 0) throw new ConfigError([`no pipeline ${name} is configured in TANDEM_PIPELINES`]);
  return wanted;
}

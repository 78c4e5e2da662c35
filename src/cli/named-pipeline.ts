import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipeline, loadPipelines } from '../process/pipelines.ts';

/** The pipeline by its name, configured or in the box, or by the path of its module. Throws `ConfigError`. */
export async function pipelineNamed(name: string): Promise<CompiledPipeline> {
  const configured = await loadPipelines(loadSettings().pipelines);
  return configured.find((each) => each.name === name) ?? (await loadPipeline(name));
}

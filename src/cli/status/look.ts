import { lookAtPipeline } from './look-at-pipeline.ts';
import type { CompiledPipeline } from '../../pipeline/route.ts';
import type { StatusReport } from './report.ts';
import type { Servers } from './servers.ts';
import { problemsOf } from './verdict.ts';

/** Asks everybody once. Never rejects: who does not answer is away. */
export async function look(servers: Servers, pipelines: readonly CompiledPipeline[]): Promise<StatusReport> {
  const seen = await Promise.all(pipelines.map((pipeline) => lookAtPipeline(servers, pipeline)));
  const problems = problemsOf(seen);
  return { at: new Date().toISOString(), ok: problems.length === 0, problems, pipelines: seen };
}

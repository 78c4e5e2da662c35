import type { Logger } from 'pino';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import { openPipeline, runPipeline } from './pipeline-system.ts';

export { testEnvironment } from './pipeline-system.ts';

/** What the apps do and see of `blog` on the test stack; no ingest, no worker. */
export const openBlog = (environment?: Parameters<typeof openPipeline>[1]) =>
  openPipeline('blog', environment);

export type Blog = Awaited<ReturnType<typeof openBlog>>;

/** `openBlog` with ingest and worker running in this process. */
export const runBlog = (own?: Record<string, string>, definition?: CompiledPipeline, log?: Logger) =>
  runPipeline('blog', own, definition, log);

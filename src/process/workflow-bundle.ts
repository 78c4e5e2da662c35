import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';

/** TypeScript in a checkout's tests, JavaScript in a build. */
export function workflowsEntry(): string {
  const source = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  return existsSync(source) ? source : source.replace(/\.ts$/, '.js');
}

/**
 * Where `npm run bundle` keeps the bundle: beside the workflows it was made from. The next build removes it. `failures` is
 * the path of a converter of failures that is part of it.
 */
export const bundleFile = (entry: string, failures?: string): string =>
  join(dirname(entry), failures === undefined ? 'bundle.js' : 'bundle-encoded-failures.js');

export const bundleWorkflows = (entry: string, failures?: string): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowsPath: entry,
    ...(failures !== undefined && { failureConverterPath: failures }),
    // No module of theirs keeps anything of a workflow, so all workflows may share them.
    preloadModules: [entry],
    workflowInterceptorModules: [entry.replace(/index(?=\.[jt]s$)/, 'tracing')],
    logger: new DefaultLogger('WARN'),
  });

/** The build's bundle, or one made now, which takes 2 s of a core and 90 MB. */
export async function readOrBundle(entry: string, failures?: string): Promise<WorkflowBundle> {
  const file = bundleFile(entry, failures);
  return existsSync(file) ? { code: await readFile(file, 'utf8') } : bundleWorkflows(entry, failures);
}

const bundles = new Map<string | undefined, Promise<WorkflowBundle>>();

/** The workflows as workers load them; asked for once per process. */
export function workflowBundle({ failureConverterPath: failures }: DataConverter): Promise<WorkflowBundle> {
  const bundle = bundles.get(failures) ?? readOrBundle(workflowsEntry(), failures);
  bundles.set(failures, bundle);
  return bundle;
}

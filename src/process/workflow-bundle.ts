import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';

/** TypeScript in a checkout's tests, JavaScript in a build. */
export function workflowsEntry(): string {
  const source = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  return existsSync(source) ? source : source.replace(/\.ts$/, '.js');
}

/** Where the bundle of a build lies: beside the workflows it was made from. */
export const bundleFile = (entry: string): string => join(dirname(entry), 'bundle.js');

/** The bundle of a build; null where there is none, or the workflows were built anew since. */
export async function builtBundle(entry: string): Promise<WorkflowBundle | null> {
  const file = bundleFile(entry);
  if (!existsSync(file) || statSync(file).mtimeMs < statSync(entry).mtimeMs) return null;
  return { code: await readFile(file, 'utf8') };
}

export const bundleWorkflows = (entry: string): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowsPath: entry,
    // No module of theirs keeps anything of a workflow, so all workflows may share them.
    preloadModules: [entry],
    logger: new DefaultLogger('WARN'),
  });

let bundle: Promise<WorkflowBundle> | undefined;

/** The workflows as workers load them: the build's, or made once per process, which takes 2 s of a core and 90 MB. */
export function workflowBundle(): Promise<WorkflowBundle> {
  return (bundle ??= builtBundle(workflowsEntry()).then(
    (built) => built ?? bundleWorkflows(workflowsEntry()),
  ));
}

import { Command } from 'commander';
import { runProcesses } from './run-processes.ts';

/** `tandem worker PIPELINE`: runs workflows and activities; start as many as the load needs. */
export function workerCommand(): Command {
  return new Command('worker')
    .description("Run a pipeline's workflows and activities")
    .argument('<pipeline>', 'name or module')
    .action((pipeline: string) => runProcesses({ pipelines: [pipeline], ingest: null, worker: true }));
}

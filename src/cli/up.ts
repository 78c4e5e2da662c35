import { Command } from 'commander';
import { runProcesses } from './run-processes.ts';

/** `tandem up`: ingest, worker and endpoints in one process, never servers. */
export function upCommand(): Command {
  return new Command('up')
    .description('Run ingest, worker and endpoints of the configured pipelines in one process')
    .argument('[pipelines...]', 'names or modules; the configured ones without them')
    .action((pipelines: string[]) =>
      runProcesses({ pipelines, ingest: 'all', worker: true, endpoints: true }),
    );
}

import { Command } from 'commander';
import { ConfigError } from '../errors/config-error.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { examples } from './examples.ts';
import { runProcesses } from './run-processes.ts';

/** `tandem ingest PIPELINE[/SIDE]`: several of one side share its partitions. */
export function ingestCommand(): Command {
  return new Command('ingest')
    .description("Read a pipeline's changes and start a workflow for each")
    .argument('<pipeline[/side]>', 'a pipeline, or one of its sides')
    .addHelpText('after', examples('ingest blog', 'ingest blog/legacy'))
    .action(async (wanted: string) => {
      const [, pipeline, side] = /^(.*?)(?:\/([a-z][a-z0-9_]*))?$/.exec(wanted) ?? [];
      if (side === undefined) return runProcesses({ pipelines: [wanted], ingest: 'all', worker: false });
      const [loaded] = await loadPipelines([pipeline!]);
      const sides = [...loaded!.sides.keys()];
      if (!sides.includes(side))
        throw new ConfigError([`pipeline ${pipeline} has no side ${side}; it has ${sides.join(' and ')}`]);
      return runProcesses({ pipelines: [pipeline!], ingest: { side }, worker: false });
    });
}

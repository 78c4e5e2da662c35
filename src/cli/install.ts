import { Command } from 'commander';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { prepareDatabases } from '../process/prepare.ts';

/** `tandem install [PIPELINE]`: as the administrator, see `<SIDE>_ADMIN_URL`. */
export function installCommand(): Command {
  return new Command('install')
    .description("Run a pipeline's own SQL on its databases: tables, roles, triggers; and the ledger")
    .argument('[pipeline]', 'name or module of one pipeline; all that are configured without it')
    .option('--sample', 'also put sample rows into empty tables', false)
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, { sample, json }: { sample: boolean; json?: boolean }) => {
      const environment = loadEnvironment();
      const ready: string[] = [];
      for (const pipeline of await loadPipelines(name === undefined ? loadSettings().pipelines : [name])) {
        await prepareDatabases(pipeline, environment, { sample });
        ready.push(pipeline.name);
        if (!json) process.stdout.write(`${pipeline.name}: databases are ready\n`);
      }
      if (json) process.stdout.write(`${JSON.stringify(ready, null, 2)}\n`);
    });
}

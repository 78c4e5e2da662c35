import { Command } from 'commander';
import { openStack } from '../stack/stack.ts';
import { stackDatabases } from './stack-databases.ts';

/** `tandem stack`: the servers Tandem needs, without Docker. */
export function stackCommand(): Command {
  const stack = openStack({ databases: stackDatabases });
  const command = new Command('stack').description('real servers on this machine, without Docker');
  command
    .command('up')
    .option('--only <parts>', 'comma-separated parts, with what they depend on')
    .action(async ({ only }: { only?: string }) => {
      const variables = await stack.up({
        only: only?.split(','),
        onProgress: (p) => console.log(p.part, p.state, p.text),
      });
      console.log(variables);
    });
  command
    .command('down')
    .option('--wipe', 'drop the data too')
    .action(async ({ wipe = false }: { wipe?: boolean }) => stack.down({ wipe }));
  return command;
}

import { Command } from 'commander';
import { packageVersion } from '../package-root.ts';
import { commands, isCommandName } from './commands.ts';
import type { CommandName } from './commands.ts';
import { exitCodes } from './exit.ts';

const hint = '(add --help for the options)';

const examples = `
Examples:
  $ tandem demo                     see it work, from nothing
  $ tandem start                    run it, servers included
  $ tandem status --watch           how far everything is, and what needs you
  $ tandem doctor                   what is wrong, and what to run
  $ tandem dlq list                 events that could not be applied
  $ tandem temporal workflow query --type status --workflow-id EVENT_ID

Settings come from the environment, .env and .stack/env: see docs/configuration.md.

Exit codes:
${Object.entries(exitCodes)
  .map(([code, meaning]) => `${code.padStart(5)}  ${meaning}`)
  .join('\n')}`;

/** The command that an argument list names: the first word, or the word after `help`. */
export function namedCommand(words: readonly string[]): CommandName | undefined {
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  const name = first === 'help' ? second : first;
  return isCommandName(name) ? name : undefined;
}

/** Makes a command of another module, and all below it, report usage errors as the program does. */
function inherit(command: Command): Command {
  // Positional: `--json` behind a subcommand's name is the subcommand's, where both have it.
  command.exitOverride().enablePositionalOptions().showHelpAfterError(hint).showSuggestionAfterError();
  for (const child of command.commands) inherit(child);
  return command;
}

/** The whole command line; only the command that `words` names is imported, the others are known by their line. */
export async function buildProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('tandem')
    .description('Keeps databases with different schemas in step, both ways, through Temporal.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .enablePositionalOptions()
    .showHelpAfterError(hint)
    .showSuggestionAfterError()
    .addHelpText('after', examples)
    .exitOverride();
  const wanted = namedCommand(words);
  for (const [name, { line, load }] of Object.entries(commands)) {
    const command = name === wanted ? await load() : new Command(name);
    if (command.description() === '') command.description(line);
    program.addCommand(inherit(command));
  }
  return program;
}

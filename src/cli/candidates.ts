import type { Argument, Command, Option } from 'commander';
import { namesFor } from './configured-names.ts';
import { buildProgram } from './program.ts';

/** What an unfinished word may become. */
export interface Candidate {
  value: string;
  /** Empty where the value says it. */
  description: string;
}

/** For the last of the words behind `tandem`, which may be empty. */
export async function candidates(words: readonly string[]): Promise<Candidate[]> {
  const before = words.slice(0, -1);
  const unfinished = words.at(-1) ?? '';
  const { command, given, awaits } = stand(await buildProgram(before), before);
  const [, flag, named = ''] = /^((--[^=]+)=)/.exec(unfinished) ?? [];
  const found = await (async () => {
    if (awaits) return values(awaits, awaits.attributeName(), before);
    if (flag !== undefined) {
      const option = optionOf(command, named);
      const taken = option ? await values(option, option.attributeName(), before) : [];
      return taken.map(({ value, description }) => ({ value: flag + value, description }));
    }
    if (unfinished.startsWith('-')) return options(command);
    const { registeredArguments: takes } = command;
    const argument = takes[given] ?? takes.findLast(({ variadic }) => variadic);
    return [
      ...(given === 0 ? subcommands(command) : []),
      ...(argument ? await values(argument, argument.name(), before) : []),
    ];
  })();
  return found.filter(({ value }) => value.startsWith(unfinished));
}

interface Stand {
  command: Command;
  /** How many of its arguments there are already. */
  given: number;
  /** The option whose value comes next. */
  awaits: Option | null;
}

/** Where a line has come to. */
function stand(program: Command, words: readonly string[]): Stand {
  let command = program;
  let given = 0;
  let awaits: Option | null = null;
  for (const word of words) {
    const option = optionOf(command, word);
    const child = given === 0 && command.commands.find((each) => each.name() === word);
    if (awaits) awaits = null;
    else if (option) awaits = option.required || option.optional ? option : null;
    else if (word.startsWith('-')) continue;
    else if (child) command = child;
    // `tandem help dlq` asks for what `tandem dlq` has.
    else if (word !== 'help' || command !== program) given++;
  }
  return { command, given, awaits };
}

const optionOf = (command: Command, word: string) =>
  command.options.find(({ long, short }) => [long, short].includes(word));

const subcommands = (command: Command) =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), description: each.description() }));

const options = (command: Command) =>
  command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));

async function values(
  { argChoices }: Pick<Option | Argument, 'argChoices'>,
  name: string,
  line: readonly string[],
): Promise<Candidate[]> {
  return (argChoices ?? (await namesFor(name, line))).map((value) => ({ value, description: '' }));
}

import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { askedFor, checks } from '../../src/doctor/registry.ts';

/** Everything a page tells its reader to run with `tandem`, in code blocks and in sentences; without the word itself. */
export function commandsIn(page: string): string[] {
  const fence = /^```.*?\n(.*?)^```$/gms;
  const lines = [...page.matchAll(fence)].flatMap(([, block]) => block!.split('\n'));
  const spans = [...page.replaceAll(fence, '').matchAll(/`([^`]+)`/g)].map(([, span]) => span!);
  return [...lines, ...spans].flatMap((text) => {
    const [, rest] = /^(?:\$ )?(?:tandem|npm run tandem --) +(.+)/s.exec(text.trim()) ?? [];
    return rest === undefined ? [] : spelledOut(rest.replace(/ +#.*$/, '').replaceAll(/\s+/g, ' '));
  });
}

/** A line of a table of commands: each of `list\|show`, and with what may be left out. */
function spelledOut(line: string): string[] {
  const [words] = /\S+\\\|\S+/.exec(line) ?? [];
  return words === undefined
    ? [line.replaceAll(/(?<= )\[|\](?= |$)/g, '')]
    : words.split('\\|').flatMap((word) => spelledOut(line.replace(words, word)));
}

/** What is wrong with a command line; null where `tandem` has its commands and options. */
export async function wrongIn(line: string): Promise<string | null> {
  const words = line.match(/"[^"]*"|\S+/g) ?? [];
  let command: Command = await buildProgram(words);
  const descend = () => {
    const next = command.commands.find((each) => each.name() === words[0]);
    if (next) words.shift();
    return next;
  };
  for (let next = descend(); next; next = descend()) command = next;
  if (command.commands.length > 0 && command.registeredArguments.length === 0)
    return `${command.name()} has no command ${words[0] ?? ''}`;
  // It passes on whatever it is given.
  if (command.name() === 'temporal') return null;
  return wrongWords(command, words);
}

function wrongWords(command: Command, words: string[]): string | null {
  let given = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith('-')) given++;
    else {
      const option = command.options.find(({ long, short }) => [long, short].includes(word));
      if (!option) return `${command.name()} has no option ${word}`;
      if (!option.required && !option.optional) continue;
      const value = words[++at];
      if (value === undefined) return `${word} has no value`;
      if (command.name() === 'doctor' && word === '--only') {
        const unknown = value
          .split(',')
          .filter((name) => ![...checks, ...askedFor].some((check) => check.name === name));
        if (unknown.length > 0) return `doctor has no check ${unknown.join(', ')}`;
      }
    }
  }
  const { registeredArguments: takes } = command;
  return given > takes.length && !takes.at(-1)?.variadic
    ? `${command.name()} takes no ${given} arguments`
    : null;
}

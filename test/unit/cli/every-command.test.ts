import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { commands } from '../../../src/cli/commands.ts';
import { exitCodes } from '../../../src/cli/exit.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { wrongIn } from '../../support/named-commands.ts';

/** What prints no result: it runs until it is stopped, or passes on what another program prints. */
const withoutJson = [
  'demo',
  'start',
  'up',
  'ingest',
  'worker',
  'serve',
  'codec',
  'stack down',
  'stack logs',
  'completion',
  'temporal',
];

/** Every command by its words, those above others included. */
async function everyCommand(): Promise<Map<string, Command>> {
  const found = new Map<string, Command>();
  const walk = (command: Command, words: readonly string[]) => {
    found.set(words.join(' '), command);
    for (const child of command.commands) walk(child, [...words, child.name()]);
  };
  for (const name of Object.keys(commands)) {
    const program = await buildProgram([name]);
    walk(
      program.commands.find((each) => each.name() === name)!,
      [name],
    );
  }
  return found;
}

const every = await everyCommand();
const does = (command: Command) => command.commands.length === 0 || command.registeredArguments.length > 0;

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

test.each([...every])('%s says what it, its arguments and its options are', (_, command) => {
  expect(command.description()).not.toBe('');
  for (const { name, description } of [
    ...command.registeredArguments.map((each) => ({ name: each.name(), description: each.description })),
    ...command.options.map(({ flags, description }) => ({ name: flags, description })),
  ])
    expect([name, description]).not.toEqual([name, '']);
});

test('every command that prints a result prints it as JSON, too', () => {
  const lacking = [...every]
    .filter(([, command]) => does(command) && !command.options.some(({ long }) => long === '--json'))
    .map(([words]) => words);
  expect(lacking).toEqual(withoutJson);
});

test.each([...every])('the examples of %s are of commands that exist', async (_, command) => {
  for (const [, line] of helpOf(command).matchAll(/^ +\$ tandem (.+?)(?: {2,}.*)?$/gm))
    expect([line, await wrongIn(line!)]).toEqual([line, null]);
});

test('the page on the command line has the exit codes of the help', () => {
  const page = readFileSync(join(packageRoot, 'docs/command-line.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (\d+) +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [code, meaning]);
  expect(rows).toEqual(Object.entries(exitCodes));
});

test('a command of its own behind another takes its own --json', async () => {
  const program = await buildProgram(['pause', 'list', '--json']);
  const pause = program.commands.find((each) => each.name() === 'pause')!;
  const list = pause.commands.find((each) => each.name() === 'list')!;
  list.action(() => {});
  await program.parseAsync(['pause', 'list', '--json'], { from: 'user' });
  expect([pause.opts(), list.opts()]).toEqual([{}, { json: true }]);
});

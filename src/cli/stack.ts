import { existsSync } from 'node:fs';
import Table from 'cli-table3';
import { Argument, Command } from 'commander';
import { execa } from 'execa';
import type { Stack } from '../stack/stack.ts';
import { interruptible } from './interrupt.ts';
import { mainStack } from './main-stack.ts';
import { bringUp } from './stack-progress.ts';

interface Options {
  only?: string;
  wipe?: boolean;
  follow?: boolean;
  json?: boolean;
}

const names = (only: string | undefined): readonly string[] | undefined => only?.split(',').filter(Boolean);

async function up(stack: Stack, { only, json }: Options): Promise<void> {
  const began = Date.now();
  const variables = await interruptible((signal) =>
    bringUp(stack, { only: names(only), signal, plain: json }),
  );
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  if (json) return console.log(JSON.stringify(variables, null, 2));
  console.log(`\nUp in ${seconds} s. Addresses, also in ${stack.folders.env}:`);
  for (const [name, value] of Object.entries(variables)) console.log(`  ${name}=${value}`);
}

function status(stack: Stack, { json }: Options): void {
  const parts = stack.status();
  if (json) return console.log(JSON.stringify(parts, null, 2));
  const table = new Table({
    head: ['part', 'state', 'version', 'ports', 'pid', 'log'],
    style: { head: [], border: [] },
  });
  for (const { part, state, version, ports, pid, log } of parts)
    table.push([part, state, version ?? '', ports.join(', '), pid ?? '', log]);
  console.log(table.toString());
}

async function preflight(stack: Stack, { only, json }: Options): Promise<void> {
  const checks = await stack.preflight(names(only));
  if (json) console.log(JSON.stringify(checks, null, 2));
  else if (checks.length === 0) console.log('Every server is given by the environment: nothing is needed.');
  else
    for (const { subject, ok, found, remedy } of checks)
      console.log(`${ok ? 'ok     ' : 'MISSING'} ${subject}: ${found}${ok ? '' : `\n        ${remedy}`}`);
  if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function logs(stack: Stack, part: string, { follow }: Options): Promise<void> {
  const file = stack.folders.log(part);
  if (!existsSync(file)) throw new Error(`${part} has not been started yet: 'tandem stack up' starts it`);
  const args = follow ? ['-n', '100', '-F', file] : ['-n', '+1', file];
  await execa('tail', args, { stdio: 'inherit', reject: false });
}

/** `tandem stack`: the servers Tandem needs, without Docker. */
export async function stackCommand(): Promise<Command> {
  const stack = await mainStack();
  const only = ['--only <parts>', 'comma-separated parts, with those they depend on'] as const;
  const command = new Command('stack').description(
    'Start, stop and look at the embedded stack: real servers without Docker',
  );
  command
    .command('up')
    .description('start what is not running and write the addresses to .stack/env')
    .option(...only)
    .option('--json', 'print the addresses as JSON')
    .action((options: Options) => up(stack, options));
  command
    .command('down')
    .description('stop every server of the stack; its data stay')
    .option('--wipe', 'drop the data too')
    .action(({ wipe = false }: Options) => stack.down({ wipe }));
  command
    .command('status')
    .description('show which parts run')
    .option('--json', 'print JSON')
    .action((options: Options) => status(stack, options));
  command
    .command('preflight')
    .description('list everything this machine lacks, before anything is fetched')
    .option(...only)
    .option('--json', 'print JSON')
    .action((options: Options) => preflight(stack, options));
  command
    .command('logs')
    .description("print a server's log")
    .addArgument(new Argument('<part>', 'its name').choices(stack.parts.map(({ name }) => name)))
    .option('-f, --follow', 'go on as it grows')
    .action((part: string, options: Options) => logs(stack, part, options));
  return command;
}

import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

/** Every command and the line it has in `tandem --help`; `src/cli/<name>.ts` exports `<name>Command()`. */
export const commands = {
  demo: 'Start everything, walk through a guided tour on real rows, and stop again',
  start: 'Bring the embedded stack up if it is not, then run ingest and worker with a live view',
  up: 'Run ingest and worker of the configured pipelines in one process',
  ingest: "Read a pipeline's changes and start a workflow for each",
  worker: "Run a pipeline's workflows and activities",
  dlq: 'List, show, retry and discard dead letters',
  doctor: 'Check databases, Kafka, Connect and Temporal, and say what to repair',
  migrate: "Bring the ledger of a pipeline's databases up to date",
  connectors: 'Register the Debezium connectors and show their state',
  stack: 'Start, stop and look at the embedded stack: real servers without Docker',
  sql: "Run SQL on a side's database",
  temporal: 'Run the Temporal CLI with the address preset',
} as const;

export type CommandName = keyof typeof commands;

export const isCommandName = (text: string | undefined): text is CommandName =>
  text !== undefined && Object.hasOwn(commands, text);

/** Imports one command's module and nothing of the others: a broken one leaves the rest usable. */
export async function loadCommand(name: CommandName): Promise<Command> {
  const extension = extname(fileURLToPath(import.meta.url));
  const module = (await import(new URL(name + extension, import.meta.url).href)) as Record<
    string,
    (() => Command | Promise<Command>) | undefined
  >;
  const make = module[`${name}Command`];
  if (make === undefined) throw new Error(`src/cli/${name} does not export ${name}Command()`);
  return make();
}

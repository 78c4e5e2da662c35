import type { Command } from 'commander';

interface CommandEntry {
  /** The line in `tandem --help`. */
  line: string;
  /** Imports this command's module and nothing of the others: a broken one leaves the rest usable. */
  load: () => Promise<Command>;
}

/** Every command, in the order of the help. */
export const commands = {
  demo: {
    line: 'Start everything, walk through a guided tour on real rows, and stop again',
    load: async () => (await import('./demo.ts')).demoCommand(),
  },
  init: {
    line: 'Look at two databases and write a pipeline for them, with the SQL and connectors it needs',
    load: async () => (await import('./init.ts')).initCommand(),
  },
  test: {
    line: "Bring values at the edges of each column through a pipeline's mapping, both ways; writes nothing",
    load: async () => (await import('./test.ts')).testCommand(),
  },
  start: {
    line: 'Bring the embedded stack up if it is not, then run all of Tandem with a live view',
    load: async () => (await import('./start.ts')).startCommand(),
  },
  up: {
    line: 'Run ingest, worker and endpoints of the configured pipelines in one process',
    load: async () => (await import('./up.ts')).upCommand(),
  },
  ingest: {
    line: "Read a pipeline's changes and start a workflow for each",
    load: async () => (await import('./ingest.ts')).ingestCommand(),
  },
  worker: {
    line: "Run a pipeline's workflows and activities",
    load: async () => (await import('./worker.ts')).workerCommand(),
  },
  serve: {
    line: "Answer a pipeline's HTTP endpoints",
    load: async () => (await import('./serve.ts')).serveCommand(),
  },
  codec: {
    line: 'Decode encrypted payloads for the Web UI and the Temporal CLI',
    load: async () => (await import('./codec.ts')).codecCommand(),
  },
  status: {
    line: 'How far everything is, and what needs an operator; live with --watch',
    load: async () => (await import('./status.ts')).statusCommand(),
  },
  dlq: {
    line: 'List, show, retry, edit and discard dead letters',
    load: async () => (await import('./dlq.ts')).dlqCommand(),
  },
  conflicts: {
    line: 'List and show conflicts: who won, and what was discarded',
    load: async () => (await import('./conflicts.ts')).conflictsCommand(),
  },
  trace: {
    line: 'What became of one row, on both sides and in order of time; or of one event',
    load: async () => (await import('./trace.ts')).traceCommand(),
  },
  pause: {
    line: 'Pause a pipeline, an entity or a side until it is resumed; list what is paused',
    load: async () => (await import('./pause.ts')).pauseCommand(),
  },
  resume: {
    line: 'Resume what was paused, by an operator or by itself',
    load: async () => (await import('./resume.ts')).resumeCommand(),
  },
  link: {
    line: 'Make a row of one side and a row of the other one pair',
    load: async () => (await import('./link.ts')).linkCommand(),
  },
  doctor: {
    line: 'Check databases, Kafka, Connect and Temporal, and say what to repair',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  grants: {
    line: 'Print what each login needs of a database, as SQL; and of Kafka with --kafka',
    load: async () => (await import('./grants.ts')).grantsCommand(),
  },
  install: {
    line: "Run a pipeline's own SQL on its databases: tables, roles, triggers; and the ledger",
    load: async () => (await import('./install.ts')).installCommand(),
  },
  migrate: {
    line: "Bring the ledger of a pipeline's databases up to date",
    load: async () => (await import('./migrate.ts')).migrateCommand(),
  },
  connectors: {
    line: 'Register the Debezium connectors and show their state',
    load: async () => (await import('./connectors.ts')).connectorsCommand(),
  },
  backfill: {
    line: 'Bring the rows that are there already to the other side, with progress',
    load: async () => (await import('./backfill.ts')).backfillCommand(),
  },
  verify: {
    line: 'Compare both sides row by row, say what is wrong, and repair it',
    load: async () => (await import('./verify.ts')).verifyCommand(),
  },
  jobs: {
    line: "Run a pipeline's jobs now, and see when they run",
    load: async () => (await import('./jobs.ts')).jobsCommand(),
  },
  rewind: {
    line: 'Have changes applied again, after the side they go to was restored from a backup',
    load: async () => (await import('./rewind.ts')).rewindCommand(),
  },
  stack: {
    line: 'Start, stop and look at the embedded stack: real servers without Docker',
    load: async () => (await import('./stack.ts')).stackCommand(),
  },
  sql: {
    line: "Run SQL on a side's database",
    load: async () => (await import('./sql.ts')).sqlCommand(),
  },
  completion: {
    line: 'Print a script that completes commands, options and names in bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completionCommand(),
  },
  temporal: {
    line: 'Run the Temporal CLI with the address preset',
    load: async () => (await import('./temporal.ts')).temporalCommand(),
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof commands;

export const isCommandName = (text: string | undefined): text is CommandName =>
  text !== undefined && Object.hasOwn(commands, text);

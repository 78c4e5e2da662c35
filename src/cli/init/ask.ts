import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../../errors/config-error.ts';
import type { Engine } from '../../pipeline/define.ts';

/** A database that was named by its URL. The URL holds a password: never print it. */
export interface NamedDatabase {
  engine: Engine;
  url: string;
  database: string;
}

const engines: Readonly<Record<string, Engine>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
};

/** Throws `ConfigError`, which names the option and never the URL. */
export function readUrl(option: string, text: string): NamedDatabase {
  const url = URL.canParse(text) ? new URL(text) : null;
  const engine = url === null ? undefined : engines[url.protocol];
  if (url === null || engine === undefined)
    throw new ConfigError([
      `${option}: must be a URL like postgres://user:password@host:5432/database or mysql://…`,
    ]);
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '') throw new ConfigError([`${option}: names no database: …/database at its end`]);
  return { engine, url: text, database };
}

/** Asks on the terminal; without one it throws a `ConfigError` that names the option. */
export async function ask(option: string, question: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new ConfigError([`${option}: must be given where nobody can be asked`]);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${question}: `)).trim();
  } finally {
    terminal.close();
  }
}

const sideName = (database: string) =>
  database
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 20);

/** What the two sides are called: as their databases, or by what tells these apart. */
export function sideNames(from: NamedDatabase, to: NamedDatabase): readonly [string, string] {
  const names = [from, to].map(({ database }) => sideName(database)) as [string, string];
  if (names.every((name) => name !== '') && names[0] !== names[1]) return names;
  return from.engine === to.engine ? ['one', 'other'] : [from.engine, to.engine];
}

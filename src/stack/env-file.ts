import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'dotenv';

export type Variables = Readonly<Record<string, string>>;

/** Variables of a dotenv file; none when it is not there. */
export const readEnvFile = (file: string): Variables =>
  existsSync(file) ? parse(readFileSync(file, 'utf8')) : {};

const quoted = (value: string): string => (/^[\w.:/@?=&%+,-]*$/.test(value) ? value : `'${value}'`);

/** Replaces the file in one step. */
export function writeEnvFile(file: string, variables: Variables): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    `${file}.partial`,
    `# Written by 'tandem stack up'; the next one replaces it.\n${lines.join('\n')}\n`,
  );
  renameSync(`${file}.partial`, file);
}

/** Every value that a stack below this directory wrote: such an address is ours, wherever it is read back. */
export function ownValues(shared: string): ReadonlySet<string> {
  const folders = existsSync(shared) ? readdirSync(shared) : [];
  const files = [join(shared, 'env'), ...folders.map((name) => join(shared, name, 'env'))];
  return new Set(files.flatMap((file) => Object.values(readEnvFile(file))));
}

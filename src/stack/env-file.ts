import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'dotenv';

export type Variables = Readonly<Record<string, string>>;

/** Variables of a dotenv file; none when it is not there. */
export const readEnvFile = (file: string): Variables =>
  existsSync(file) ? parse(readFileSync(file, 'utf8')) : {};

const quoted = (value: string): string => (/^[\w.:/@?=&%+,-]*$/.test(value) ? value : `'${value}'`);

const givenHeading = '# Given by the environment when this was written:';

/** Replaces the file in one step. What the environment gave stands apart from what the stack serves. */
export function writeEnvFile(file: string, served: Variables, given: Variables = {}): void {
  const lines = (variables: Variables): string[] =>
    Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`);
  const rest = Object.keys(given).length > 0 ? [givenHeading, ...lines(given)] : [];
  const heading = "# Written by 'tandem stack up'; the next one replaces it.";
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.partial`, `${[heading, ...lines(served), ...rest].join('\n')}\n`);
  renameSync(`${file}.partial`, file);
}

function servedValues(file: string): string[] {
  if (!existsSync(file)) return [];
  const [served = ''] = readFileSync(file, 'utf8').split(givenHeading);
  return Object.values(parse(served));
}

/** Every value that a stack below this directory serves: such an address is ours, wherever it is read back. */
export function ownValues(shared: string): ReadonlySet<string> {
  const folders = existsSync(shared) ? readdirSync(shared) : [];
  const files = [join(shared, 'env'), ...folders.map((name) => join(shared, name, 'env'))];
  return new Set(files.flatMap(servedValues));
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../errors/config-error.ts';
import { packageRoot } from '../../package-root.ts';

/** A connector as Kafka Connect takes it. */
export interface Connector {
  name: string;
  config: Readonly<Record<string, string>>;
}

const connectorFile = z.strictObject({ name: z.string(), config: z.record(z.string(), z.string()) });

/** `${NAME}` must be set, `${NAME:-default}` need not; a setting that comes out empty is left out. Kafka Connect's own `${provider:key}` is left to it. */
const placeholder = /\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Reads `<folder>/*.json`, keeps the connectors of these names and fills the placeholders. Throws `ConfigError` with a
 * line for each variable that is missing, and for each name that no file has.
 */
export async function readConnectors(
  names: readonly string[],
  variable: (name: string) => string | undefined,
  folder: string = join(packageRoot, 'debezium'),
): Promise<Connector[]> {
  const problems = new Set<string>();
  const found = new Map<string, Connector>();
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json'))) {
    const { name, config } = connectorFile.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    if (!names.includes(name)) continue;
    const fill = (text: string) =>
      text.replaceAll(placeholder, (_, wanted: string, otherwise: string | undefined) => {
        const value = variable(wanted) ?? otherwise;
        if (value === undefined) problems.add(`${wanted}: must be set for connector ${name} (${file})`);
        return value ?? '';
      });
    found.set(name, {
      name,
      config: Object.fromEntries(
        Object.entries(config)
          .map(([key, text]) => [key, fill(text)] as const)
          .filter(([, text]) => text !== ''),
      ),
    });
  }
  for (const name of names)
    if (!found.has(name)) problems.add(`connector ${name}: no file in ${folder} has that name`);
  if (problems.size > 0) throw new ConfigError([...problems]);
  return names.map((name) => found.get(name)!);
}

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

/** Kafka Connect's own `${provider:key}`, which is left to it. */
const itsOwn = String.raw`\$\{[a-z][^}]*:[^}]*\}`;
/** `${NAME}` must be set, `${NAME:-default}` need not; a setting that comes out empty is left out. */
const placeholder = new RegExp(String.raw`\$\{([A-Z][A-Z0-9_]*)(?::-((?:${itsOwn}|[^}])*))?\}`, 'g');

const secret = /(?:^|\.)(?:password|jaas\.config)$/;

/** Throws `ConfigError` where a secret stands in a configuration: Kafka Connect shows it to whoever asks. */
export function refuseSecrets(connectors: readonly Connector[]): void {
  const problems = connectors.flatMap(({ name, config }) =>
    Object.entries(config)
      .filter(([key, value]) => secret.test(key) && !new RegExp(`^${itsOwn}$`).test(value))
      .map(
        ([key]) =>
          `connector ${name}: ${key} would be shown to whoever asks Kafka Connect; give it to Kafka Connect itself, and here where it finds it, such as \${env:NAME} or \${file:/path/to/file:key}`,
      ),
  );
  if (problems.length > 0) throw new ConfigError(problems);
}

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

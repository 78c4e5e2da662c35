import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { ConfigError } from '../errors/config-error.ts';
import type { Environment } from './config/environment.ts';
import { sidePrefix } from './config/sides.ts';
import type { SideSettings } from './config/sides.ts';

const reference = /^\$\{(\w+):(.+):([^:]+)\}$|^\$\{/;

function connectPassword(name: string, setting: string | undefined): string | undefined {
  const found = reference.exec(setting ?? '');
  if (!found) return setting;
  const [, provider, file, key] = found;
  const password = provider === 'file' && existsSync(file!) ? parse(readFileSync(file!))[key!] : undefined;
  if (password === undefined)
    throw new ConfigError([
      `${name}: leads to no password here; open the role yourself: tandem grants says how`,
    ]);
  return password;
}

/**
 * The password that the settings give a role of a side; its own name where they give none. Throws `ConfigError` where only
 * Kafka Connect can follow what they say.
 */
export function passwordOf(
  role: string,
  { name, databaseUrl }: Pick<SideSettings, 'name' | 'databaseUrl'>,
  environment: Environment,
): string {
  const { username, password } = new URL(databaseUrl);
  if (decodeURIComponent(username) === role && password !== '') return decodeURIComponent(password);
  const prefix = `${sidePrefix(name)}_CDC`;
  const reader = environment.get(`${prefix}_USER`) ?? 'debezium';
  if (reader !== role) return role;
  return connectPassword(`${prefix}_PASSWORD`, environment.get(`${prefix}_PASSWORD`)) ?? role;
}

import { ConfigError } from '../errors/config-error.ts';
import type { AddressGroup } from './part.ts';
import type { Variables } from './env-file.ts';

/**
 * The addresses of a group as the environment gives them, or undefined when the stack has to serve it. A value
 * that some stack of this checkout wrote is not a given one: a shell that loaded the env file starts the stack
 * like any other.
 * @throws ConfigError when only some of the required variables are given.
 */
export function givenAddresses(
  group: AddressGroup,
  environment: NodeJS.ProcessEnv,
  own: ReadonlySet<string>,
): Variables | undefined {
  const mine = new Set(Object.values(group.required));
  const given = (name: string): string | undefined => {
    const value = environment[name];
    return value && !own.has(value) && !mine.has(value) ? value : undefined;
  };
  const names = Object.keys(group.required);
  const missing = names.filter((name) => !given(name));
  if (missing.length === names.length) return undefined;
  if (missing.length > 0)
    throw new ConfigError([
      `${names.filter(given).join(', ')} is given by the environment, and ${missing.join(', ')} is not: give both or neither`,
    ]);
  const all = [...names, ...Object.keys(group.optional ?? {})];
  return Object.fromEntries(all.flatMap((name) => (given(name) ? [[name, given(name) ?? '']] : [])));
}

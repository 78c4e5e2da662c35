import { ConfigError } from '../../errors/config-error.ts';
import type { z } from 'zod';
import type { Environment } from './environment.ts';
import type { Variable } from './variable.ts';

export type Setting<V extends Variable> = V extends { default: string }
  ? z.output<V['schema']>
  : z.output<V['schema']> | null;

/** Reads one variable; adds a line to `problems` and returns undefined where it is wrong. */
export function readVariable<V extends Variable>(
  variable: V,
  environment: Environment,
  problems: string[],
): Setting<V> | undefined {
  const { name, alias } = variable;
  const set = environment.strongest(alias === undefined ? [name] : [name, alias]);
  const [first, second] = [...set];
  if (first && second && first[1] !== second[1]) {
    problems.push(`${name}: differs from ${alias}, which is the same setting; keep one of them`);
    return undefined;
  }
  const value = first?.[1] ?? variable.default;
  if (value === undefined) return null as Setting<V>;
  const parsed = variable.schema.safeParse(value);
  if (parsed.success) return parsed.data as Setting<V>;
  problems.push(`${first?.[0] ?? name}: ${parsed.error.issues[0]?.message}`);
  return undefined;
}

export function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigError(problems);
}

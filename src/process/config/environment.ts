import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { ConfigError } from '../../errors/config-error.ts';
import { homeRoot } from '../../package-root.ts';

type Layer = Readonly<Record<string, string | undefined>>;

/**
 * Variables in layers, the strongest first. A layer speaks for every name of one thing: a variable set in a stronger
 * layer also hides its alias in a weaker one, so a leftover file never contradicts what was just set. Empty is unset.
 */
export class Environment {
  readonly #layers: readonly Layer[];

  constructor(...layers: readonly Layer[]) {
    this.#layers = layers;
  }

  /** The same under a layer that is stronger than all of its own. */
  below(layer: Layer): Environment {
    return new Environment(layer, ...this.#layers);
  }

  get(name: string): string | undefined {
    return this.strongest([name]).get(name);
  }

  /** The variables of `names` that the strongest layer with any of them sets. */
  strongest(names: readonly string[]): Map<string, string> {
    for (const layer of this.#layers) {
      const set = new Map<string, string>();
      for (const name of names) {
        const value = valueIn(layer, name);
        if (value) set.set(name, value);
      }
      if (set.size > 0) return set;
    }
    return new Map();
  }
}

/** A variable's own text, or what is in the file that `<NAME>_FILE` names: a secret need not be in the environment. */
function valueIn(layer: Layer, name: string): string | undefined {
  const value = layer[name]?.trim();
  const file = layer[`${name}_FILE`]?.trim();
  if (!file) return value;
  if (value) throw new ConfigError([`${name}: set it or ${name}_FILE, not both`]);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError([`${name}_FILE: cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
  // Unset would mean less than what was asked for: no login, no encryption.
  if (text === '') throw new ConfigError([`${name}_FILE: is empty`]);
  return text;
}

function readFile(path: string): Layer {
  return existsSync(path) ? parse(readFileSync(path)) : {};
}

/** The process's variables, then `.env` of the working directory, then what the embedded stack wrote; sets nothing. */
export function loadEnvironment(
  own: Layer = process.env,
  files: readonly string[] = [join(process.cwd(), '.env'), join(homeRoot, '.stack', 'env')],
): Environment {
  return new Environment(own, ...files.map(readFile));
}

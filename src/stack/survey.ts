import { ConfigError } from '../errors/config-error.ts';
import { databaseUrlVariable } from './databases.ts';
import type { StackDatabase } from './databases.ts';
import { ownValues } from './env-file.ts';
import type { Variables } from './env-file.ts';
import type { StackFolders } from './folders.ts';
import { givenAddresses } from './given.ts';
import type { Part, PartContext, ServerNeeds } from './part.ts';
import { portOf } from './ports.ts';

export interface SurveyInput {
  readonly stack: string;
  readonly folders: StackFolders;
  readonly parts: readonly Part[];
  readonly databases: readonly StackDatabase[];
  readonly servers: ServerNeeds;
  readonly environment: NodeJS.ProcessEnv;
  readonly portOffset: number;
}

/** What the environment gives and what this stack therefore has to serve. */
export interface Survey {
  readonly context: PartContext;
  /** Addresses by part, own and given. */
  readonly addresses: ReadonlyMap<Part, Variables>;
  /** Names of the variables that the environment gave. */
  readonly given: ReadonlySet<string>;
  /** Parts of which at least one address is not given. */
  readonly own: readonly Part[];
  /** Parts that no pipeline of this stack needs. */
  readonly unneeded: readonly Part[];
}

function portTable({ parts, environment, portOffset }: SurveyInput): (name: string) => number {
  const uses = parts.flatMap((part) => part.ports);
  const ports = new Map(uses.map((use) => [use.name, portOf(use, environment, portOffset)]));
  return (name) => {
    const port = ports.get(name);
    if (port === undefined) throw new Error(`no part of the stack has a port ${name}`);
    return port;
  };
}

/** @throws ConfigError when the environment gives half of what belongs together, or no usable port. */
export function survey(input: SurveyInput): Survey {
  const { parts, databases, servers, environment, folders, stack } = input;
  const known = ownValues(folders.shared);
  const first = { stack, folders, environment, databases, servers, addresses: {}, port: portTable(input) };
  const addresses = new Map<Part, Variables>();
  const own: Part[] = [];
  const unneeded: Part[] = [];
  const givenNames = new Set<string>();
  for (const part of parts) {
    const groups = part.addresses(first).map((group) => {
      const given = givenAddresses(group, environment, known);
      for (const name of Object.keys(given ?? {})) givenNames.add(name);
      return { given, variables: given ?? { ...group.required, ...group.optional } };
    });
    addresses.set(part, Object.assign({}, ...groups.map(({ variables }) => variables)) as Variables);
    if (groups.some(({ given }) => !given)) own.push(part);
    if (groups.length === 0) unneeded.push(part);
  }
  const context: PartContext = {
    ...first,
    databases: databases.filter(({ side }) => !givenNames.has(databaseUrlVariable(side))),
    addresses: Object.assign({}, ...addresses.values()) as Variables,
  };
  return { context, addresses, given: givenNames, own, unneeded };
}

/** The parts of these names with everything they come after. @throws ConfigError for an unknown name. */
export function selectParts(parts: readonly Part[], only: readonly string[] | undefined): readonly Part[] {
  if (!only) return parts;
  const byName = new Map(parts.map((part) => [part.name, part]));
  const chosen = new Set<Part>();
  const choose = (name: string): void => {
    const part = byName.get(name);
    if (!part)
      throw new ConfigError([
        `--only: the stack has no part '${name}'; it has ${[...byName.keys()].join(', ')}`,
      ]);
    chosen.add(part);
    part.after.forEach(choose);
  };
  only.forEach(choose);
  return parts.filter((part) => chosen.has(part));
}

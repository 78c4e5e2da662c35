import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { homeRoot } from '../package-root.ts';
import { parts as everyPart } from './catalogue.ts';
import type { StackDatabase } from './databases.ts';
import type { Variables } from './env-file.ts';
import { mainStack, stackFolders } from './folders.ts';
import type { StackFolders } from './folders.ts';
import { withLock } from './lock.ts';
import type { Part, ServerNeeds } from './part.ts';
import { portOffset } from './ports.ts';
import { endServer } from './server-process.ts';
import { statusOf } from './status.ts';
import type { Check } from './preflight.ts';
import type { PartStatus } from './status.ts';
import { checkUp, up } from './up.ts';
import type { UpOptions } from './up.ts';

export interface StackOptions {
  /** `main` unless given; each name is a stack of its own with its own data, ports and env file. */
  readonly name?: string;
  /** Shared by all stacks of a checkout: `.stack` beside `package.json`. */
  readonly directory?: string;
  readonly databases: readonly StackDatabase[];
  /** Servers that only some pipelines need; default none of them. */
  readonly servers?: ServerNeeds;
  /** Added to every port; 0 for `main` and 1000 for any other stack unless given. */
  readonly portOffset?: number;
  /** Where given addresses and settings are read; the process's own unless given. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly parts?: readonly Part[];
}

/** Real servers without Docker: each one given by the environment, found on PATH, or fetched once. */
export interface Stack {
  readonly name: string;
  readonly folders: StackFolders;
  /** In the order in which they are shown. */
  readonly parts: readonly Part[];
  /** Harmless when everything runs; repairs what died. Returns what the env file then holds. */
  up(options?: UpOptions): Promise<Variables>;
  /** Ends every server on record, and with `wipe` drops its data. Leaves no process of this stack. */
  down(options?: { readonly wipe?: boolean }): Promise<void>;
  status(): readonly PartStatus[];
  /** What `up` looks at before it fetches anything. */
  preflight(only?: readonly string[]): Promise<readonly Check[]>;
}

export function openStack(options: StackOptions): Stack {
  const name = options.name ?? mainStack;
  const parts = options.parts ?? everyPart;
  const folders = stackFolders(options.directory ?? join(homeRoot, '.stack'), name);
  const input = {
    stack: name,
    folders,
    parts,
    databases: options.databases,
    servers: options.servers ?? { redis: false, queues: [] },
    environment: options.environment ?? process.env,
    portOffset: options.portOffset ?? portOffset(name),
  };
  return {
    name,
    folders,
    parts,
    up: (upOptions = {}) => withLock(folders.lock, () => up(input, upOptions), { signal: upOptions.signal }),
    down: ({ wipe = false } = {}) =>
      withLock(folders.lock, async () => {
        // What depends on others goes first, so that it can still take its leave of them.
        for (const level of endOrder(parts))
          await Promise.all(level.map((part) => endServer(folders.record(part.name))));
        rmSync(folders.env, { force: true });
        if (!wipe) return;
        const outside = parts.flatMap((part) => part.outside?.(folders) ?? []);
        for (const folder of [...folders.everything, ...outside])
          rmSync(folder, { recursive: true, force: true });
      }),
    status: () => statusOf(input),
    preflight: (only) => checkUp(input, only),
  };
}

function endOrder(parts: readonly Part[]): readonly (readonly Part[])[] {
  const dependents = parts.filter((part) => part.after.length > 0);
  return [dependents, parts.filter((part) => part.after.length === 0)];
}

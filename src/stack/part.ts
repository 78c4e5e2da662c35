import type { Download } from './download.ts';
import type { StackFolders } from './folders.ts';
import type { PortUse } from './ports.ts';
import type { Account } from './account.ts';
import type { StackDatabase } from './databases.ts';

/**
 * One server of the embedded stack. A part is one file in `parts/` and one line in `catalogue.ts`;
 * nothing else knows it by name.
 */
export interface Part {
  /** Used in file names, on the command line and in `after`. */
  readonly name: string;
  readonly title: string;
  /** Parts that have to be ready before this one counts as startable. */
  readonly after: readonly string[];
  readonly ports: readonly PortUse[];
  /** About what its data take with some hours of use, for the preflight. */
  readonly diskBytes: number;
  /** About what it takes under load, for the preflight. */
  readonly memoryBytes: number;
  /** What this part tells the outside. A group set by the environment replaces the part for that group. */
  addresses(context: PartContext): readonly AddressGroup[];
  /** Finds a supported binary on PATH or says what has to be fetched. Starts and writes nothing. */
  plan(context: PartContext): Promise<PartPlan>;
  /** Folders it may have made outside the stack's home, for `wipe`. */
  outside?(folders: StackFolders): readonly string[];
}

/** Variables that name one server: given by the environment all together or not at all. */
export interface AddressGroup {
  readonly required: Readonly<Record<string, string>>;
  readonly optional?: Readonly<Record<string, string>>;
}

export interface PartContext {
  readonly stack: string;
  readonly folders: StackFolders;
  readonly environment: NodeJS.ProcessEnv;
  /** Databases this stack has to serve itself; those given by the environment are left out. */
  readonly databases: readonly StackDatabase[];
  /** A pipeline publishes to an event bus, or uses the cache. */
  readonly publishes: boolean;
  /** Addresses of every part, own and given. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly port: (name: string) => number;
}

export interface PartPlan {
  readonly source: 'path' | 'download';
  readonly downloads: readonly Download[];
  /** Called once every download is on disk. */
  server(): Promise<Server>;
}

export interface Server {
  readonly version: string;
  readonly command: ServerCommand;
  /** Makes the data directory where there is none. An interrupted call leaves nothing half made. */
  prepare(): Promise<void>;
  /** Throws until the server does its work. */
  probe(): Promise<void>;
  /** Runs after each start and each harmless second `up`. Idempotent. */
  settle?(): Promise<void>;
}

export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Configuration files by absolute path, written before each start. */
  readonly files?: Readonly<Record<string, string>>;
  /** Runs under this account instead of the caller's. */
  readonly account?: Account | undefined;
  /** Asks the server for an orderly stop. */
  readonly stopSignal: NodeJS.Signals;
}

import { join } from 'node:path';

/** Where one stack keeps its things. Downloads are shared by every stack below the same directory. */
export interface StackFolders {
  /** Shared root, `.stack` in a checkout. */
  readonly shared: string;
  readonly downloads: string;
  /** This stack's own folder. */
  readonly home: string;
  /** The dotenv file with this stack's addresses. */
  readonly env: string;
  readonly versions: string;
  readonly lock: string;
  /** What `down({ wipe: true })` removes: all of the home but the lock it holds. */
  readonly everything: readonly string[];
  data(part: string): string;
  config(part: string): string;
  log(part: string): string;
  record(part: string): string;
}

/** The stack whose env file lies at the root, since people and tools look for it there. */
export const mainStack = 'main';

export function stackFolders(shared: string, name: string): StackFolders {
  const home = join(shared, name);
  return {
    shared,
    downloads: join(shared, 'downloads'),
    home,
    env: name === mainStack ? join(shared, 'env') : join(home, 'env'),
    versions: join(home, 'versions.json'),
    lock: join(home, 'lock'),
    everything: ['data', 'config', 'logs', 'pids', 'versions.json'].map((entry) => join(home, entry)),
    data: (part) => join(home, 'data', part),
    config: (part) => join(home, 'config', part),
    log: (part) => join(home, 'logs', `${part}.log`),
    record: (part) => join(home, 'pids', `${part}.json`),
  };
}

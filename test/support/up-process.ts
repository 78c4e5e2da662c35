import { once } from 'node:events';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { testAddresses, testStack } from './test-stack.ts';
import { eventually } from './eventually.ts';

/** `tandem up` as its own process on the test stack: something that can be killed. */
export class UpProcess {
  readonly #healthPort: number;
  readonly #metricsPort: number;
  #child: ChildProcess | null = null;

  constructor(healthPort: number, metricsPort: number) {
    this.#healthPort = healthPort;
    this.#metricsPort = metricsPort;
  }

  /** Starts it and returns once it is ready. */
  async start(): Promise<void> {
    const log = openSync(join(testStack().folders.home, 'logs', 'tandem.log'), 'a');
    this.#child = spawn(process.execPath, [join(packageRoot, 'dist', 'src', 'cli', 'main.js'), 'up'], {
      env: {
        ...process.env,
        ...testAddresses(),
        NODE_OPTIONS: '',
        HEALTH_PORT: String(this.#healthPort),
        METRICS_PORT: String(this.#metricsPort),
      },
      stdio: ['ignore', log, log],
    });
    await eventually('`tandem up` to be ready', async () => (await this.get('/readyz')) === 200, 60_000);
  }

  async get(path: string): Promise<number> {
    return (await fetch(`http://127.0.0.1:${this.#healthPort}${path}`)).status;
  }

  /** SIGKILL: no drain, nothing committed that was not. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM; the exit code after the drain. */
  drain(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }
}

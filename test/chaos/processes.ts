import { once } from 'node:events';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { commandOf } from './build.ts';
import type { Build } from './build.ts';

/** A `tandem …` command as a process of its own: something that can be killed and stopped. */
export class TandemProcess {
  readonly name: string;
  readonly build: Build;
  readonly #words: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;
  readonly #log: string;
  #child: ChildProcess | null = null;
  #ports = { health: 0, metrics: 0 };
  /** Whoever sends it a signal that ends it says so before. */
  expectedToEnd = false;
  /** Exits nobody asked for. */
  readonly deaths: string[] = [];

  constructor(
    build: Build,
    name: string,
    words: readonly string[],
    environment: NodeJS.ProcessEnv,
    log: string,
  ) {
    this.build = build;
    this.name = name;
    this.#words = words;
    this.#environment = environment;
    this.#log = log;
  }

  /** Starts it; `ready` tells when it works. */
  async start(): Promise<void> {
    this.#ports = { health: await freePort(), metrics: await freePort() };
    mkdirSync(dirname(this.#log), { recursive: true });
    const log = openSync(this.#log, 'a');
    const child = spawn(process.execPath, [commandOf(this.build), ...this.#words], {
      cwd: this.build.folder,
      env: {
        ...this.#environment,
        NODE_OPTIONS: '',
        HTTP_HOST: '127.0.0.1',
        HEALTH_PORT: String(this.#ports.health),
        METRICS_PORT: String(this.#ports.metrics),
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    this.expectedToEnd = false;
    child.once('exit', (code, signal) => {
      if (!this.expectedToEnd) this.deaths.push(`${this.name} ended by itself: ${signal ?? code}`);
    });
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  ready(timeoutMs = 120_000): Promise<unknown> {
    return eventually(
      `${this.name} to be ready`,
      async () => (await this.get('/readyz')).status === 200,
      timeoutMs,
    );
  }

  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#ports.health}${path}`, { signal: AbortSignal.timeout(5000) });
  }

  async metrics(): Promise<string> {
    const url = `http://127.0.0.1:${this.#ports.metrics}/metrics`;
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
  }

  /** SIGKILL: no drain, nothing committed that was not. */
  kill(): Promise<number | null> {
    return this.#end('SIGKILL');
  }

  /** SIGTERM; the exit code after the drain. */
  drain(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.expectedToEnd = true;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }
}

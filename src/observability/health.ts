import { setTimeout as delay } from 'node:timers/promises';
import type { SyncLag } from './lag.ts';
import type { Trouble, Troubles } from './troubles.ts';

/** A side's consumer, as its change feed tells it. */
export interface ConsumerPosition {
  lagRecords: number | null;
  /** When that was last asked of the broker with success, milliseconds since the epoch; null before. */
  lagKnownAt?: number | null;
  /** When a record was last acknowledged, or nothing was left to; milliseconds since the epoch. */
  lastProgressAt: number;
  /** Reading pauses on purpose: too much is in flight. */
  paused: boolean;
}

export interface CheckResult {
  status: 'ok' | 'fail';
  /** `ok`, or why it failed; never a row value. */
  message: string;
  /** Milliseconds. */
  latency: number;
}

export interface ConsumerReport {
  status: 'running' | 'paused' | 'stuck' | 'stopped';
  lag_records: number | null;
  /** ISO 8601. */
  last_progress_at: string;
}

export interface TroubleReport {
  trouble: Trouble['kind'];
  name: string;
  severity: Trouble['severity'];
  /** ISO 8601. */
  since: string;
  message: string;
  repair: string;
}

export interface HealthReport {
  status: 'healthy' | 'unhealthy';
  /** ISO 8601. */
  timestamp: string;
  /** Seconds. */
  uptime: number;
  consumers: Record<string, ConsumerReport>;
  checks: Record<string, CheckResult>;
  /** What the watches see: connectors, consumers, retention of the logs. */
  troubles: readonly TroubleReport[];
  /** What is paused on purpose; that alone is not unhealthy. */
  paused: readonly PauseReport[];
}

export interface Verdict {
  ok: boolean;
  message: string;
}

/** Resolves with what to show, or nothing; rejects where the thing is not well. */
export type Check = (signal: AbortSignal) => Promise<string | void>;

export interface HealthOptions {
  lag?: SyncLag;
  /** `/health` shows them, and fails while one is severe. They never make `/livez` or `/readyz` fail. */
  troubles?: Troubles;
  /** `/health` fails above this. */
  maxLagSeconds?: number;
  /** A consumer that is behind and does not move for so long is stuck. */
  stuckAfterMs?: number;
  now?: () => number;
  paused?: () => readonly PauseReport[];
}

/** A lag that was last known so long ago says nothing of now, milliseconds. */
const lagValidMs = 15_000;

/** A pause, as `/health` shows it. */
export interface PauseReport {
  paused: string;
  reason: string;
  /** ISO 8601. */
  since: string;
}

export interface CheckOptions {
  /** A check that takes longer has failed; default 2000. */
  timeoutMs?: number;
  /** False: where it fails only `/health` says so, since the process does its work without. */
  needed?: boolean;
}

interface Registered extends Required<CheckOptions> {
  check: Check;
}

/**
 * What the process knows of its own health. An outage of a dependency makes `/health` and `/readyz` fail, never
 * `/livez`: a restart repairs no server. Only a consumer that stands still while every check has been well for as long
 * is a reason to restart.
 */
export class Health {
  readonly #options: Required<Omit<HealthOptions, 'lag' | 'troubles'>> & {
    lag: SyncLag | null;
    troubles: Troubles | null;
  };
  readonly #checks = new Map<string, Registered>();
  readonly #consumers = new Map<string, () => ConsumerPosition | null>();
  readonly #startedAt: number;
  #ready = false;
  #lastTrouble: number;
  #running: Promise<Map<string, CheckResult>> | null = null;
  #latest: Map<string, CheckResult> = new Map();

  constructor(options: HealthOptions = {}) {
    const { lag = null, troubles = null, maxLagSeconds = 30, stuckAfterMs = 60_000 } = options;
    const { now = Date.now, paused = () => [] } = options;
    this.#options = { lag, troubles, maxLagSeconds, stuckAfterMs, now, paused };
    this.#startedAt = now();
    this.#lastTrouble = now();
  }

  registerCheck(name: string, check: Check, { timeoutMs = 2000, needed = true }: CheckOptions = {}): void {
    this.#checks.set(name, { check, timeoutMs, needed });
  }

  /** `position` gives null once the consumer has stopped for good: then the process is not live. */
  registerConsumer(side: string, position: () => ConsumerPosition | null): void {
    this.#consumers.set(side, position);
  }

  /** True once everything runs; false again when draining begins. */
  ready(ready: boolean): void {
    this.#ready = ready;
  }

  /** Something the process depends on failed just now that no check has seen: until now nothing could move. */
  disturbed(): void {
    this.#lastTrouble = this.#options.now();
  }

  /** Runs the checks at an interval until the signal aborts, so that `/livez` and `/readyz` know of an outage. */
  async watch(signal: AbortSignal, intervalMs = 5000): Promise<void> {
    while (!signal.aborted) {
      await this.#runChecks();
      await delay(intervalMs, undefined, { signal }).catch(() => {});
    }
  }

  /** That this is answered at all shows that the event loop turns. */
  livez(): Verdict {
    const dead = this.unmoved();
    if (dead.length === 0) return { ok: true, message: 'live' };
    return { ok: false, message: dead.map((side) => `consumer ${side} does not move`).join('; ') };
  }

  /** Sides whose consumer is behind and has not moved for a minute in which every check was well, or has stopped. */
  unmoved(): string[] {
    return [...this.#consumers.keys()].filter((side) => {
      const { status } = this.#consumer(side);
      return status === 'stuck' || status === 'stopped';
    });
  }

  readyz(): Verdict {
    if (!this.#ready) return { ok: false, message: 'starting or draining' };
    const failed = [...this.#latest].filter(
      ([name, { status }]) => status === 'fail' && this.#checks.get(name)!.needed,
    );
    if (failed.length > 0)
      return { ok: false, message: failed.map(([name, { message }]) => `${name}: ${message}`).join('; ') };
    return { ok: true, message: 'ready' };
  }

  async report(): Promise<HealthReport> {
    const checks = new Map(await this.#runChecks());
    const lag = this.#lagCheck();
    if (lag !== null) checks.set('sync_lag', lag);
    const consumers = [...this.#consumers.keys()].map((side) => [side, this.#consumer(side)] as const);
    const troubles = this.#options.troubles?.open() ?? [];
    const unwell =
      troubles.some(({ severity }) => severity === 'fail') ||
      [...checks.values()].some(({ status }) => status === 'fail') ||
      consumers.some(([, { status }]) => status === 'stuck' || status === 'stopped');
    return {
      status: unwell ? 'unhealthy' : 'healthy',
      timestamp: new Date(this.#options.now()).toISOString(),
      uptime: Math.floor((this.#options.now() - this.#startedAt) / 1000),
      consumers: Object.fromEntries(consumers),
      checks: Object.fromEntries(checks),
      paused: this.#options.paused(),
      troubles: troubles.map(({ kind, since, ...told }) => ({
        trouble: kind,
        ...told,
        since: new Date(since).toISOString(),
      })),
    };
  }

  #lagCheck(): CheckResult | null {
    const { lag, maxLagSeconds } = this.#options;
    const worst = lag?.worst();
    if (!worst) return null;
    const behind = worst.seconds > maxLagSeconds;
    const message =
      worst.seconds === 0 ? 'caught up' : `${worst.table} is ${worst.seconds.toFixed(1)} s behind`;
    return { status: behind ? 'fail' : 'ok', message, latency: 0 };
  }

  #consumer(side: string): ConsumerReport {
    const position = this.#consumers.get(side)?.() ?? null;
    if (position === null)
      return {
        status: 'stopped',
        lag_records: null,
        last_progress_at: new Date(this.#startedAt).toISOString(),
      };
    const { lagRecords, lagKnownAt = null, lastProgressAt, paused } = position;
    // while a dependency fails nothing can move, and the time does not count
    const since = Math.max(lastProgressAt, this.#lastTrouble);
    const stuck =
      !paused &&
      lagRecords !== null &&
      lagRecords > 0 &&
      // a lag that cannot be asked is that of a broker that serves the consumer no better
      (lagKnownAt === null || this.#options.now() - lagKnownAt <= lagValidMs) &&
      this.#options.now() - since > this.#options.stuckAfterMs;
    return {
      status: paused ? 'paused' : stuck ? 'stuck' : 'running',
      lag_records: lagRecords,
      last_progress_at: new Date(lastProgressAt).toISOString(),
    };
  }

  /** Requests that come together share one run. */
  #runChecks(): Promise<Map<string, CheckResult>> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #runAll(): Promise<Map<string, CheckResult>> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, registered]) => [name, await runCheck(registered)] as const),
    );
    this.#latest = new Map(results);
    if (results.some(([, { status }]) => status === 'fail')) this.#lastTrouble = this.#options.now();
    return this.#latest;
  }
}

async function runCheck({ check, timeoutMs }: Registered): Promise<CheckResult> {
  const started = performance.now();
  const latency = () => Math.round(performance.now() - started);
  const over = new AbortController();
  const timeout = AbortSignal.any([over.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const message = await Promise.race([
      check(timeout),
      new Promise<never>((_, reject) => {
        timeout.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)), {
          once: true,
        });
      }),
    ]);
    return { status: 'ok', message: message ?? 'ok', latency: latency() };
  } catch (error) {
    return {
      status: 'fail',
      message: error instanceof Error ? error.message : String(error),
      latency: latency(),
    };
  } finally {
    over.abort();
  }
}

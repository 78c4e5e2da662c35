import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectorStatus, ConnectRest, SourceOffset } from './connect-rest.ts';

/**
 * `running`: the connector and every task of it. `starting`: neither running nor failed, as while Kafka Connect assigns
 * tasks. `paused`: on purpose, by `PAUSED` or `STOPPED`. `missing`: not registered. `unreachable`: Kafka Connect does not
 * answer, so nobody knows.
 */
export type ConnectorState = 'running' | 'starting' | 'failed' | 'paused' | 'missing' | 'unreachable';

/** What is known of one connector. */
export interface ConnectorView {
  name: string;
  state: ConnectorState;
  /** When it was first seen in this state, milliseconds since the epoch. */
  since: number;
  /**
   * Source commit time up to which its changes are in Kafka, milliseconds since the epoch: of the last offset it
   * committed, so it runs behind by the flush interval, and stands while the source's log does. Null until known; what
   * was last seen stays while Kafka Connect does not answer.
   */
  reached: number | null;
  /** The committed offset itself; null until known. */
  offset: SourceOffset | null;
  /** Since when it runs and has committed no other offset, milliseconds since the epoch; null while it does not run. */
  stillSince: number | null;
  /** Why it failed, outermost first; no row values. */
  cause: readonly string[];
}

/** One look at a connector; null where Kafka Connect did not answer. */
export type Look = { status: ConnectorStatus | null; offset: SourceOffset | null } | null;

/** The view after a look. A state that stands keeps its `since`, so running since then is running at every look since. */
export function observe(name: string, before: ConnectorView | null, look: Look, now: number): ConnectorView {
  const state = look === null ? 'unreachable' : stateOf(look.status);
  const offset = look?.offset ?? before?.offset ?? null;
  const still = state === 'running' && before?.stillSince != null && same(offset, before.offset);
  const causes = look?.status ? [look.status.cause, ...look.status.tasks.map(({ cause }) => cause)] : [];
  return {
    name,
    state,
    since: before?.state === state ? before.since : now,
    reached: offset && reachedTime(offset),
    offset,
    stillSince: state !== 'running' ? null : still ? before.stillSince : now,
    cause: state === 'failed' ? causes.flat() : [],
  };
}

const same = (a: SourceOffset | null, b: SourceOffset | null) => JSON.stringify(a) === JSON.stringify(b);

function stateOf(status: ConnectorStatus | null): ConnectorState {
  if (status === null) return 'missing';
  const states = [status.state, ...status.tasks.map(({ state }) => state)];
  if (states.includes('FAILED')) return 'failed';
  if (states.includes('PAUSED') || states.includes('STOPPED')) return 'paused';
  return status.tasks.length > 0 && states.every((state) => state === 'RUNNING') ? 'running' : 'starting';
}

/** Debezium's commit time of the last change in an offset: microseconds on PostgreSQL, seconds on MySQL. */
export function reachedTime(offset: SourceOffset): number | null {
  const { ts_usec: micros, ts_sec: seconds } = offset;
  if (typeof micros === 'number') return Math.floor(micros / 1000);
  return typeof seconds === 'number' ? seconds * 1000 : null;
}

export interface ConnectorsWatchOptions {
  /** With a patience below the interval of the looks. */
  rest: Pick<ConnectRest, 'status' | 'offsets'>;
  /** Names of the connectors to watch. */
  connectors: readonly string[];
  now?: () => number;
}

/** Looks at connectors again and again and remembers since when each is as it is. Changes nothing. */
export class ConnectorsWatch {
  readonly #options: Required<ConnectorsWatchOptions>;
  readonly #views = new Map<string, ConnectorView>();

  constructor({ now = Date.now, ...options }: ConnectorsWatchOptions) {
    this.#options = { now, ...options };
  }

  /** Null before the first look. Answers at once, from memory. */
  of(connector: string): ConnectorView | null {
    return this.#views.get(connector) ?? null;
  }

  all(): readonly ConnectorView[] {
    return [...this.#views.values()];
  }

  /**
   * Since when connector and tasks have been seen running at every look, milliseconds since the epoch; null while they
   * do not, or nobody knows.
   */
  runningSince(connector: string): number | null {
    const view = this.of(connector);
    return view?.state === 'running' ? view.since : null;
  }

  /** Looks at every connector once. Never rejects. */
  async look(): Promise<void> {
    const { connectors, now } = this.#options;
    await Promise.all(
      connectors.map(async (name) => {
        const look = await this.#ask(name).catch(() => null);
        this.#views.set(name, observe(name, this.of(name), look, now()));
      }),
    );
  }

  /** Looks at an interval until the signal aborts. */
  async watch(signal: AbortSignal, intervalMs = 5000): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      await delay(intervalMs, undefined, { signal }).catch(() => {});
    }
  }

  async #ask(name: string): Promise<Look> {
    const { rest } = this.#options;
    const status = await rest.status(name);
    // A side is captured by one connector with one source partition.
    const [offset = null] = status === null ? [] : await rest.offsets(name).catch(() => []);
    return { status, offset };
  }
}

import type { ConnectorView } from './watch.ts';

/** A connector that failed is restarted at most so often within so long, and never twice within the last. */
export const restartLimits = { times: 5, withinMs: 600_000, apartMs: 60_000 } as const;

type Limits = { [K in keyof typeof restartLimits]: number };

/** Whether one more restart keeps within the limits, given when the earlier ones were made. */
export function mayRestart(earlier: readonly number[], now: number, limits: Limits = restartLimits): boolean {
  const recent = within(earlier, now, limits);
  return recent.length < limits.times && recent.every((at) => now - at >= limits.apartMs);
}

const within = (earlier: readonly number[], now: number, { withinMs }: Limits) =>
  earlier.filter((at) => now - at < withinMs);

export interface RestarterOptions {
  restart: (connector: string) => Promise<void>;
  /** A restart was asked for, whatever came of it. */
  onRestart: (connector: string, left: number) => void;
  /** The limit is reached: the connector is left as it is until the oldest restart is old enough. */
  onLeft: (connector: string) => void;
  now?: () => number;
  limits?: Limits;
}

/**
 * Restarts what has failed of the connectors this process leads. One process of a side leads, the one that reads the
 * first partition of its first topic: Kafka gives a partition to one member of a group only, so however many processes
 * ingest, the limit is that of one. A process that takes the lead begins its count anew.
 */
export class ConnectorRestarter {
  readonly #options: Required<RestarterOptions>;
  readonly #made = new Map<string, number[]>();
  readonly #left = new Set<string>();

  constructor({ now = Date.now, limits = restartLimits, ...options }: RestarterOptions) {
    this.#options = { now, limits, ...options };
  }

  /** Restarts this process may still make within the limit's window. */
  left(connector: string): number {
    const { now, limits } = this.#options;
    return limits.times - within(this.#made.get(connector) ?? [], now(), limits).length;
  }

  /** Restarts what may be restarted. Never rejects. */
  async act(views: readonly ConnectorView[], leads: (connector: string) => boolean): Promise<void> {
    await Promise.all(
      views.map(async ({ name, state }) => {
        if (state === 'running') this.#left.delete(name);
        if (state === 'failed' && leads(name)) await this.#restart(name);
      }),
    );
  }

  async #restart(name: string): Promise<void> {
    const { now, limits, restart, onRestart, onLeft } = this.#options;
    const earlier = within(this.#made.get(name) ?? [], now(), limits);
    if (!mayRestart(earlier, now(), limits)) {
      if (earlier.length >= limits.times && !this.#left.has(name)) {
        this.#left.add(name);
        onLeft(name);
      }
      return;
    }
    this.#left.delete(name);
    this.#made.set(name, [...earlier, now()]);
    onRestart(name, this.left(name));
    await restart(name).catch(() => {});
  }
}

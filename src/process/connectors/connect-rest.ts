import pRetry, { AbortError } from 'p-retry';
import { z } from 'zod';
import { SyncError } from '../../errors/sync-error.ts';
import { failureCause } from './failure-cause.ts';

const part = z.object({ state: z.string(), trace: z.string().optional() });
const answer = z.object({ connector: part, tasks: z.array(part.extend({ id: z.int() })) });
const words = z.record(z.string(), z.unknown());
const offsetsAnswer = z.object({
  offsets: z.array(z.object({ partition: words, offset: words.nullish() })),
});
const refusal = z.object({ message: z.string() });

export interface RunState {
  /** `RUNNING`, `FAILED`, `PAUSED`, `STOPPED`, `RESTARTING` or `UNASSIGNED`, as Kafka Connect says. */
  state: string;
  /** Why it failed, outermost first; empty unless it did. No row values. */
  cause: string[];
}

export interface ConnectorStatus extends RunState {
  name: string;
  tasks: (RunState & { id: number })[];
}

/** Where a connector stands in its source's log, in the connector's own words. */
export type SourceOffset = Readonly<Record<string, unknown>>;

/** Answers while a worker starts, a rebalance goes on, or a task that was just made is not known yet. */
const passing = new Set([404, 409, 500, 503, 504]);

export interface Patience {
  /** How long a call is tried again, milliseconds. */
  patienceMs: number;
  /** How long one answer may take, milliseconds; default 90 s, what a rebalance takes at worst. */
  answerMs?: number;
  signal?: AbortSignal | undefined;
}

/** The same with the part of the source it is about. */
export interface PartOffset {
  partition: Readonly<Record<string, unknown>>;
  offset: SourceOffset;
}

/** Kafka Connect's REST interface. Every method waits for it to be there, then throws `unavailable`. */
export class ConnectRest {
  readonly #url: string;
  readonly #patience: Patience;

  constructor(url: string, patience: Patience) {
    this.#url = url.replace(/\/+$/, '');
    this.#patience = patience;
  }

  /** Null where there is no connector of that name. */
  async config(name: string): Promise<Record<string, string> | null> {
    const found = await this.#call('GET', `/connectors/${encodeURIComponent(name)}/config`, { absent: true });
    return found === null ? null : z.record(z.string(), z.string()).parse(found);
  }

  /** Throws `schema` with Kafka Connect's reasons where it refuses the configuration. */
  async configure(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    await this.#call('PUT', `/connectors/${encodeURIComponent(name)}/config`, { body: config });
  }

  /** Starts again what has failed of it, and nothing else. */
  async restartFailed(name: string): Promise<void> {
    await this.#call(
      'POST',
      `/connectors/${encodeURIComponent(name)}/restart?includeTasks=true&onlyFailed=true`,
    );
  }

  /** Its tasks end soon; it keeps its place and its configuration. */
  async stop(name: string): Promise<void> {
    await this.#call('PUT', `/connectors/${encodeURIComponent(name)}/stop`);
  }

  /** Lets one go on that was paused or stopped. */
  async resume(name: string): Promise<void> {
    await this.#call('PUT', `/connectors/${encodeURIComponent(name)}/resume`);
  }

  /** Null where there is no connector of that name, or none yet. */
  async status(name: string): Promise<ConnectorStatus | null> {
    const found = await this.#call('GET', `/connectors/${encodeURIComponent(name)}/status`, { absent: true });
    if (found === null) return null;
    const { connector, tasks } = answer.parse(found);
    return { name, ...runState(connector), tasks: tasks.map((task) => ({ id: task.id, ...runState(task) })) };
  }

  /** The source offsets committed so far, as the connector wrote them; none where it is not registered or committed none. */
  async offsets(name: string): Promise<readonly SourceOffset[]> {
    return (await this.partOffsets(name)).map(({ offset }) => offset);
  }

  async partOffsets(name: string): Promise<PartOffset[]> {
    const path = `/connectors/${encodeURIComponent(name)}/offsets`;
    const found = await this.#call('GET', path, { absent: true });
    if (found === null) return [];
    return offsetsAnswer
      .parse(found)
      .offsets.flatMap(({ partition, offset }) => (offset ? [{ partition, offset }] : []));
  }

  /** Sets a stopped connector's offsets; waits until its last task has ended. */
  async alterOffsets(name: string, offsets: readonly PartOffset[]): Promise<void> {
    await this.#call('PATCH', `/connectors/${encodeURIComponent(name)}/offsets`, { body: { offsets } });
  }

  async #call(
    method: string,
    path: string,
    { body, absent = false }: { body?: unknown; absent?: boolean } = {},
  ): Promise<unknown> {
    return pRetry(
      async () => {
        const response = await fetch(this.#url + path, {
          method,
          signal: AbortSignal.timeout(this.#patience.answerMs ?? 90_000),
          ...(body !== undefined && {
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
        }).catch((error: unknown) => {
          throw new SyncError('unavailable', `Kafka Connect at ${this.#url} does not answer`, {
            cause: error,
          });
        });
        const text = await response.text();
        if (response.ok) return text === '' ? null : (JSON.parse(text) as unknown);
        // A worker that has not read its plugins yet answers 404 too, in HTML.
        const message = refusal.safeParse(parsed(text)).data?.message;
        if (absent && response.status === 404 && message !== undefined) return null;
        const code = String(response.status);
        const said = `${method} ${path}: ${message ?? code}`;
        if (passing.has(response.status))
          throw new SyncError('unavailable', `Kafka Connect does not take ${said}`, { code });
        throw new AbortError(new SyncError('schema', `Kafka Connect refuses ${said}`, { code }));
      },
      {
        retries: Infinity,
        minTimeout: 200,
        maxTimeout: 2000,
        maxRetryTime: this.#patience.patienceMs,
        signal: this.#patience.signal,
      },
    );
  }
}

const runState = ({ state, trace }: z.infer<typeof part>): RunState => ({
  state,
  cause: trace === undefined ? [] : failureCause(trace),
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

import type { Client } from '@temporalio/client';
import type { Admin } from 'kafkajs';
import type { Streams } from '../../activities/deps.ts';
import type { CompiledPipeline } from '../../pipeline/route.ts';
import { paced } from '../../ingest/paced.ts';
import { workflowTypes } from '../../temporal/names.ts';
import type { ConnectorView } from '../connectors/watch.ts';
import { consumedOf, endsOf } from './offsets.ts';
import { Stream } from './stream.ts';

/** A connector whose offset stands still for so long, milliseconds, has nothing left to read: it commits more often. */
const stillMs = 120_000;

/** An event that is neither applied nor waiting after so long is stuck, milliseconds; its entity's stream does not flow. */
const stuckMs = 60_000;

const rpcMs = 5000;

/** So much later than its commit at most a change is in its queue, milliseconds, and seen by who counts the messages. */
const queuedMs = 120_000;

/** A side's stream, as configured. */
export type StreamSource = TopicSource | QueueSource;

export interface TopicSource {
  side: string;
  connector: string;
  groupId: string;
  /** Topics by entity. */
  topics: ReadonlyMap<string, readonly string[]>;
}

export interface QueueSource {
  side: string;
  entities: readonly string[];
  /** Messages of the queue that are not deleted. */
  messages: () => Promise<number>;
}

export interface StreamsOptions {
  pipeline: CompiledPipeline;
  sources: readonly StreamSource[];
  connectors: { of(connector: string): ConnectorView | null };
  admin: Pick<Admin, 'fetchOffsets' | 'fetchTopicOffsets'>;
  client: Pick<Client, 'workflow' | 'withDeadline'>;
  /** Whether somebody or something has paused an entity's events from a side. */
  paused: (entity: string, side: string) => boolean;
  now?: () => number;
}

/**
 * Watches whether the changes of every entity and side of a pipeline come through: connector and tasks RUNNING, records
 * consumed, nothing paused, no event stuck. Where one of those who know cannot be asked, no stream is live.
 */
export class StreamsWatch implements Streams {
  readonly #options: Required<StreamsOptions>;
  readonly #streams = new Map<string, Stream>();

  constructor({ now = Date.now, ...options }: StreamsOptions) {
    this.#options = { now, ...options };
  }

  liveMs(entity: string, side: string, committed: number): Promise<number> {
    return Promise.resolve(this.#of(entity, side).liveMs(committed, this.#options.now()));
  }

  /** Looks at every stream once. Never rejects. */
  async look(): Promise<void> {
    const anyStuck = await this.#stuck('').catch(() => true);
    await Promise.all(this.#options.sources.map((source) => this.#lookAt(source, anyStuck)));
  }

  watch(signal: AbortSignal, intervalMs = 10_000): Promise<void> {
    return paced(
      () => this.look(),
      () => intervalMs,
      signal,
    );
  }

  #lookAt(source: StreamSource, anyStuck: boolean): Promise<void> {
    return 'topics' in source ? this.#lookAtTopics(source, anyStuck) : this.#lookAtQueue(source, anyStuck);
  }

  async #lookAtTopics({ side, connector, groupId, topics }: TopicSource, anyStuck: boolean): Promise<void> {
    const { connectors, admin, now } = this.#options;
    const view = connectors.of(connector);
    for (const [entity, own] of topics) {
      const stream = this.#of(entity, side);
      try {
        const ends = await endsOf(admin, own);
        const consumed = await consumedOf(admin, groupId, own);
        const flows = await this.#flows(entity, side, anyStuck);
        const at = now();
        const live = view?.state === 'running' && flows;
        stream.observe({ at, live, reached: reachedBy(view, at), ends, consumed });
      } catch {
        stream.lost();
      }
    }
  }

  /** A queue has no places: what was in it is consumed once it was empty. */
  async #lookAtQueue({ side, entities, messages }: QueueSource, anyStuck: boolean): Promise<void> {
    const { now } = this.#options;
    const count = await messages().catch(() => null);
    for (const entity of entities) {
      const stream = this.#of(entity, side);
      if (count === null) {
        stream.lost();
        continue;
      }
      try {
        const live = await this.#flows(entity, side, anyStuck);
        const at = now();
        const ends = new Map([['queue', 1]]);
        const consumed = new Map([['queue', count === 0 ? 1 : 0]]);
        stream.observe({ at, live, reached: at - queuedMs, ends, consumed });
      } catch {
        stream.lost();
      }
    }
  }

  async #flows(entity: string, side: string, anyStuck: boolean): Promise<boolean> {
    const stuck = anyStuck && (await this.#stuck(`TandemEntity = '${entity}' AND TandemSide = '${side}'`));
    return !this.#options.paused(entity, side) && !stuck;
  }

  /** Whether events stand open that should long be applied; those that wait for a row have a deadline of their own. */
  async #stuck(of: string): Promise<boolean> {
    const { client, pipeline, now } = this.#options;
    const before = new Date(now() - stuckMs).toISOString();
    const query = [
      `WorkflowType = '${workflowTypes.syncChange}'`,
      `ExecutionStatus = 'Running'`,
      `TandemPipeline = '${pipeline.name}'`,
      `StartTime < '${before}'`,
      ...(of === '' ? [] : [of]),
    ].join(' AND ');
    return client.withDeadline(Date.now() + rpcMs, async () => {
      const { count: all } = await client.workflow.count(query);
      if (all === 0) return false;
      const { count } = await client.workflow.count(`${query} AND TandemErrorClass = 'waiting_for_row'`);
      return all > count;
    });
  }

  #of(entity: string, side: string): Stream {
    const name = `${side}/${entity}`;
    let stream = this.#streams.get(name);
    if (!stream) this.#streams.set(name, (stream = new Stream()));
    return stream;
  }
}

/** An offset names whole seconds on MySQL, so it stands for all of its second. */
function reachedBy(view: ConnectorView | null, now: number): number | null {
  if (view === null) return null;
  const idleUpTo = view.stillSince !== null && now - view.stillSince >= stillMs ? now - stillMs : -Infinity;
  const reached =
    view.reached === null ? -Infinity : view.reached + (view.offset?.['ts_sec'] === undefined ? 0 : 999);
  const upTo = Math.max(reached, idleUpTo);
  return upTo === -Infinity ? null : upTo;
}

import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { changeEvent } from '../change/event.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { BatchInput } from '../temporal/batch.ts';
import type { SyncInput } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { unpackEvents } from '../temporal/packed-events.ts';
import type { LagSource, OldestUnapplied } from './lag.ts';
import { tableLabel } from './names.ts';
import { listed, oldestOpen } from './oldest-open.ts';
import type { OldestWorkflow } from './oldest-open.ts';

const rpcTimeoutMs = 10_000;

const running = (pipeline: string) => `ExecutionStatus = 'Running' AND TandemPipeline = '${pipeline}'`;

const attribute = (value: unknown): string => (Array.isArray(value) ? String(value[0]) : '');

function older(oldest: Map<string, OldestWorkflow>, table: string, candidate: OldestWorkflow): void {
  const known = oldest.get(table);
  if (known === undefined || candidate.started < known.started) oldest.set(table, candidate);
}

/**
 * What Temporal holds of a pipeline that is not at its end, from visibility: the oldest open `syncChange` or `syncBatch` of each table,
 * how many are open, and how many dead letters. It is the same whichever process looks. While Temporal cannot be asked,
 * what was last seen stands, so that a lag goes on growing instead of vanishing.
 */
export class OpenWork implements LagSource {
  readonly #client: Client;
  readonly #pipeline: CompiledPipeline;
  #commitTimes = new Map<string, number>();
  /** When the oldest of each entity and side was started, as last seen. */
  readonly #found = new Map<string, number>();
  #oldest: OldestUnapplied = new Map();
  #inFlight = 0;
  #deadLetters = 0;

  constructor(client: Client, pipeline: CompiledPipeline) {
    this.#client = client;
    this.#pipeline = pipeline;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get deadLetters(): number {
    return this.#deadLetters;
  }

  oldest(): OldestUnapplied {
    return this.#oldest;
  }

  /** Asks Temporal once; throws where it does not answer. What it costs does not grow with what is open. */
  async refresh(): Promise<void> {
    await this.#client.withDeadline(Date.now() + rpcTimeoutMs, async () => {
      const { workflow } = this.#client;
      const dead = await workflow.count(
        `WorkflowType = '${workflowTypes.deadLetter}' AND ${running(this.#pipeline.name)}`,
      );
      const query = `WorkflowType IN ('${workflowTypes.syncChange}', '${workflowTypes.syncBatch}') AND ${running(this.#pipeline.name)}`;
      const { count: open } = await workflow.count(query);
      const oldest = open <= listed ? await this.#oldestOfFew(query) : await this.#oldestOfMany(query);
      const commitTimes = new Map<string, number>();
      const byTable = new Map<string, number>();
      for (const [table, candidate] of oldest) {
        const committed =
          this.#commitTimes.get(candidate.runId) ?? (await this.#commitTime(candidate)) ?? candidate.started;
        commitTimes.set(candidate.runId, committed);
        byTable.set(table, committed);
      }
      this.#commitTimes = commitTimes;
      this.#oldest = byTable;
      this.#inFlight = open;
      this.#deadLetters = dead.count;
    });
  }

  /** By table, from one list call. */
  async #oldestOfFew(query: string): Promise<Map<string, OldestWorkflow>> {
    const oldest = new Map<string, OldestWorkflow>();
    let left = listed;
    for await (const execution of this.#client.workflow.list({ query, pageSize: listed })) {
      const { workflowId, runId, startTime, searchAttributes } = execution;
      const route = this.#pipeline.route(
        attribute(searchAttributes['TandemEntity']),
        attribute(searchAttributes['TandemSide']),
      );
      if (route) older(oldest, tableLabel(route.source), { workflowId, runId, started: startTime.getTime() });
      if (--left === 0) break;
    }
    return oldest;
  }

  async #oldestOfMany(query: string): Promise<Map<string, OldestWorkflow>> {
    const oldest = new Map<string, OldestWorkflow>();
    for (const { entity, source } of this.#pipeline.routes) {
      const of = `${query} AND TandemEntity = '${entity}' AND TandemSide = '${source.side}'`;
      const name = `${entity}/${source.side}`;
      const found = await oldestOpen(this.#client, of, this.#found.get(name) ?? null);
      if (found === null) continue;
      this.#found.set(name, found.started);
      older(oldest, tableLabel(source), found);
    }
    return oldest;
  }

  /** The source commit time in a workflow's input; null where the input is only a reference to a record. */
  async #commitTime({ workflowId, runId }: OldestWorkflow): Promise<number | null> {
    const { history } = await this.#client.workflowService.getWorkflowExecutionHistory({
      namespace: this.#client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    });
    const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
    const [input] = await decodeArrayFromPayloads(this.#client.options.loadedDataConverter, payloads);
    const timestamp = changeEvent.shape.timestamp.safeParse(
      (await oldestEventOf(input as Partial<SyncInput & BatchInput> | undefined))?.timestamp,
    );
    return timestamp.success ? Date.parse(timestamp.data) : null;
  }
}

async function oldestEventOf(
  input: Partial<SyncInput & BatchInput> | undefined,
): Promise<Partial<ChangeEvent> | undefined> {
  if (input?.events) return (await unpackEvents(input.events))[0];
  return input?.subject?.kind === 'event' ? input.subject.event : undefined;
}

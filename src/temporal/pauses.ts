import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/common';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { workflowTypes } from './names.ts';
import type { SearchAttribute } from './names.ts';
import type { PauseInput, PauseScope } from './pause.ts';
import { pauseId } from './pause.ts';
import { pauseStartOptions } from './start-pause.ts';
import type { PauseMemo } from './start-pause.ts';

/** An open pause, as visibility knows it. */
export interface OpenPause extends PauseMemo {
  /** Its workflow id. */
  id: string;
  pipeline: string;
  signature: string | null;
  /** ISO 8601. */
  since: string;
}

const listMs = 10_000;

/** How long visibility may not show yet what this process knows exactly, milliseconds. */
const unseenMs = 5000;

/** The visibility query of open pauses. */
export const openPausesQuery = `WorkflowType = '${workflowTypes.pause}' AND ExecutionStatus = 'Running'`;

/** Open pauses by visibility, of one pipeline or of all; it may run a second behind. */
export async function listPauses(client: Client, pipeline?: string): Promise<OpenPause[]> {
  const ofPipeline = pipeline === undefined ? '' : ` AND TandemPipeline = '${pipeline}'`;
  const found: OpenPause[] = [];
  for await (const execution of client.workflow.list({ query: `${openPausesQuery}${ofPipeline}` }))
    found.push(openPause(execution));
  return found;
}

function openPause({ workflowId, startTime, typedSearchAttributes, memo }: WorkflowExecutionInfo): OpenPause {
  const of = (name: SearchAttribute) => typedSearchAttributes.get({ name, type: 'KEYWORD' }) ?? null;
  const { scope, reason, text, epoch } = memo as unknown as PauseMemo;
  return {
    id: workflowId,
    pipeline: of('TandemPipeline') ?? '',
    scope,
    reason,
    text,
    epoch,
    signature: of('TandemErrorSignature'),
    since: startTime.toISOString(),
  };
}

/**
 * What is paused of one pipeline, for a process: asked once a second of Temporal's visibility, one call; in an outage the
 * last answer stands. Pauses that this process learnt of otherwise count at once.
 */
export class Pauses {
  readonly #client: Client;
  readonly #pipeline: string;
  readonly #now: () => number;
  #listed: readonly OpenPause[] | null = null;
  #unseen: readonly { pause: OpenPause; until: number }[] = [];

  constructor(client: Client, pipeline: string, now: () => number = Date.now) {
    this.#client = client;
    this.#pipeline = pipeline;
    this.#now = now;
  }

  /** Open pauses as last heard. */
  get open(): readonly OpenPause[] {
    const listed = this.#listed ?? [];
    const known = new Set(listed.map(({ id }) => id));
    const unseen = this.#unseen.filter(({ pause, until }) => !known.has(pause.id) && until > this.#now());
    return [...listed, ...unseen.map(({ pause }) => pause)];
  }

  /** As last heard; true as long as nothing was heard at all, since what waits for a pause's end may wait a little more. */
  isOpen(id: string): boolean | Promise<boolean> {
    return this.#listed === null || this.open.some((pause) => pause.id === id);
  }

  /** Whether a pause of this cause is open, asked of Temporal itself. Throws as its client does. */
  async holds(cause: PauseInput): Promise<boolean> {
    try {
      const { status } = await this.#client.workflow.getHandle(pauseId(cause)).describe();
      if (status.name !== 'RUNNING') return false;
      this.#note(cause);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** Pauses, or joins the pause that is open for the same. False: that restart of a log was dealt with before. */
  async start(input: PauseInput): Promise<boolean> {
    try {
      await this.#client.workflow.start(workflowTypes.pause, pauseStartOptions(input));
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return false;
    }
    this.#note(input);
    return true;
  }

  /** Asks once; where Temporal does not answer everything stays as it was. */
  async refresh(): Promise<void> {
    try {
      this.#listed = await this.#client.withDeadline(Date.now() + listMs, () =>
        listPauses(this.#client, this.#pipeline),
      );
    } catch {
      // the last answer stands
    }
  }

  /** Asks each second until the signal aborts. */
  async watch(signal: AbortSignal, intervalMs = 1000): Promise<void> {
    while (!signal.aborted) {
      await this.refresh();
      await delay(intervalMs, undefined, { signal }).catch(() => {});
    }
  }

  #note({ pipeline, scope, reason, text, epoch, signature, ...cause }: PauseInput): void {
    const now = this.#now();
    const id = pauseId({ pipeline, scope, reason, epoch, signature, ...cause });
    const pause = {
      id,
      pipeline,
      scope,
      reason,
      text,
      epoch,
      signature,
      since: new Date(now).toISOString(),
    };
    this.#unseen = [
      ...this.#unseen.filter((each) => each.until > now && each.pause.id !== id),
      { pause, until: now + unseenMs },
    ];
  }
}

/** Whether a pause of this scope stops an entity's events from a side. */
export function covers(scope: PauseScope, entity: string, side: string): boolean {
  if (scope.kind === 'entity') return scope.entity === entity;
  return scope.kind === 'pipeline' || scope.side === side;
}

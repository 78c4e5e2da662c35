import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import proto from '@temporalio/proto';
import type { Worker } from '@temporalio/worker';
import type { ActivityDeps, FailedTry, RecordSource } from '../../src/activities/deps.ts';
import type { ChangeEvent } from '../../src/change/event.ts';
import type { Row } from '../../src/change/value.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import type { EffectDefinition } from '../../src/pipeline/effects.ts';
import type { JobDefinition } from '../../src/pipeline/jobs.ts';
import type { LedgerRetention } from '../../src/database/retention-contract.ts';
import { Fuse } from '../../src/errors/fuse.ts';
import type { PauseStatus } from '../../src/temporal/pause.ts';
import { Pauses } from '../../src/temporal/pauses.ts';
import type { OpenPause } from '../../src/temporal/pauses.ts';
import { Waker } from '../../src/process/waker.ts';
import { createWorker } from '../../src/process/worker.ts';
import { defaultRetryLimits } from '../../src/errors/policy.ts';
import type { News } from '../../src/temporal/alert.ts';
import type { DeadLetterMessage } from '../../src/temporal/dead-letter-record.ts';
import type { Edit, RetryRequest } from '../../src/temporal/edit.ts';
import type { DeadLetterStatus, SyncInput, SyncStatus } from '../../src/temporal/messages.ts';
import {
  deadLetterId,
  queryNames,
  searchAttributes,
  updateNames,
  workflowTypes,
} from '../../src/temporal/names.ts';
import { dataConverter } from '../../src/temporal/data-converter.ts';
import { noKeys } from '../../src/temporal/payload-keys.ts';
import type { PayloadKeys } from '../../src/temporal/payload-keys.ts';
import { syncStartOptions } from '../../src/temporal/start-sync.ts';
import { ScriptedDatabase } from './scripted-database.ts';
import { temporalServerPath } from './temporal-server-path.ts';
import { timeSkippingServerPath } from '../../src/stack/time-skipping-server.ts';
import { pair, TwoSides } from './two-sides.ts';
import { noTools } from './no-tools.ts';

/** The time-skipping server has no visibility to list from, so each question is asked of it directly. */
class ExactPauses extends Pauses {
  readonly #client: Client;
  readonly #listed: () => readonly OpenPause[];

  constructor(client: Client, pipeline: string, listed: () => readonly OpenPause[]) {
    super(client, pipeline);
    this.#client = client;
    this.#listed = listed;
  }

  override get open(): readonly OpenPause[] {
    return this.#listed();
  }

  override async isOpen(id: string): Promise<boolean> {
    return (await this.#client.workflow.getHandle(id).describe()).status.name === 'RUNNING';
  }
}

const noPauses: ActivityDeps['pauses'] = {
  open: [],
  isOpen: () => false,
  holds: () => Promise.resolve(false),
  start: () => Promise.resolve(false),
};

/** The real workflows and activities on Temporal's time-skipping server, or a real one, between two databases in memory. */
export class WorkflowWorld implements AsyncDisposable {
  readonly env: TestWorkflowEnvironment;
  readonly left: ScriptedDatabase;
  readonly right: ScriptedDatabase;
  /** Not the environment's own: waiting for a result with that one may skip years, as far as an open workflow's timeout. */
  readonly client: Client;
  readonly failures: FailedTry[] = [];
  readonly pausing: boolean;
  readonly wakes: boolean;
  readonly pipeline: CompiledPipeline;
  readonly #keys: PayloadKeys;
  readonly pauseChanges: PauseStatus[] = [];
  /** What operators are told of. */
  readonly alerted: News[] = [];
  /** What visibility counts of an alert's dead letters, or pauses. */
  openAlerts = 0;
  /** The webhook of alerts; takes everything at first. */
  post: (news: News) => Promise<void> = () => Promise.resolve();
  /** Milliseconds; the window of the fuse moves with it. */
  fuseClock = 0;
  /** What visibility lists of pauses. */
  openPauses: OpenPause[] = [];
  /** What follows an applied event; none at first. */
  effects: EffectDefinition[] = [];
  /** What the pipeline does again and again; nothing at first. */
  readonly jobs: JobDefinition[] = [];
  /** For how long an awaited stream has been live; without end at first. */
  liveMs: (entity: string, side: string, committed: number) => number = () => 1e12;
  /** Events that visibility counts. */
  openEvents = { running: 0, waiting: 0 };
  readonly published: DeadLetterMessage[] = [];
  records: RecordSource = {
    readRecord: () => Promise.reject(new Error('no record is expected to be read')),
    parseRecord: () => Promise.reject(new Error('no record is expected to be parsed')),
  };
  readonly #apps = new TwoSides();
  readonly #workers: Worker[] = [];
  readonly #running: Promise<void>[] = [];
  readonly #closing = new AbortController();
  #waking: Promise<void> = Promise.resolve();

  private constructor(
    env: TestWorkflowEnvironment,
    pausing: boolean,
    wakes: boolean,
    pipeline: CompiledPipeline,
    keys: PayloadKeys,
  ) {
    this.env = env;
    this.pausing = pausing;
    this.wakes = wakes;
    this.pipeline = pipeline;
    this.#keys = keys;
    this.client = new Client({ connection: env.connection, dataConverter: dataConverter(keys) });
    const now = () => env.currentTimeMs();
    this.left = new ScriptedDatabase('left', now);
    this.right = new ScriptedDatabase('right', now);
  }

  /**
   * `pausing`: a fuse of five errors, and pauses; without it nothing is ever paused. `wakes`: somebody looks into the
   * waiting rooms. `pipeline`: `pair` under another policy. `keys`: what payloads are encrypted with. `version`: of the
   * first worker, on a server that skips no time, since the other knows of no versions.
   */
  static async open({
    pausing = false,
    wakes = true,
    pipeline = pair,
    keys = noKeys,
    version,
  }: {
    pausing?: boolean;
    wakes?: boolean;
    pipeline?: CompiledPipeline;
    keys?: PayloadKeys;
    version?: WorkerDeploymentVersion;
  } = {}): Promise<WorkflowWorld> {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
    });
    const at = (path: string) => ({ executable: { type: 'existing-path' as const, path } });
    const env = version
      ? await TestWorkflowEnvironment.createLocal({
          server: { ...at(await temporalServerPath()), log: { format: 'pretty', level: 'error' } },
        })
      : await TestWorkflowEnvironment.createTimeSkipping({ server: at(await timeSkippingServerPath()) });
    await env.connection.operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: Object.fromEntries(
        searchAttributes.map((name) => [
          name,
          proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
        ]),
      ),
    });
    const world = new WorkflowWorld(env, pausing, wakes, pipeline, keys);
    await world.work(version);
    world.#wake();
    return world;
  }

  get #deps(): ActivityDeps {
    return {
      pipeline: { ...this.pipeline, effects: () => this.effects, jobs: this.jobs },
      databases: new Map([
        ['left', this.left],
        ['right', this.right],
      ]),
      ledgers: new Map([
        ['left', this.left as unknown as LedgerRetention],
        ['right', this.right as unknown as LedgerRetention],
      ]),
      upstream: { retentionMs: () => Promise.resolve(1000), captured: () => Promise.resolve(null) },
      client: this.client,
      countOpen: () => Promise.resolve(this.openEvents),
      anyOpen: () => Promise.resolve(this.openEvents.running > this.openEvents.waiting),
      records: {
        readRecord: (...of) => this.records.readRecord(...of),
        parseRecord: (record) => this.records.parseRecord(record),
      },
      bus: null,
      tools: noTools,
      limits: defaultRetryLimits,
      polling: { intervalMs: 1000, rows: 10, overlapMs: 30_000, compareMs: 60_000 },
      deadLetterTopic: { send: async (message) => void this.published.push(message) },
      observer: {
        during: (_, work) => work(),
        applied: () => {},
        failed: (failure) => void this.failures.push(failure),
        deadLetterRaised: () => {},
        verified: () => {},
        alerted: (news) => void this.alerted.push(news),
        posted: () => {},
        pauseChanged: (pause) => void this.pauseChanges.push(pause),
      },
      alerts: {
        intervalMs: 900_000,
        countOpen: () => Promise.resolve(this.openAlerts),
        post: (news) => this.post(news),
      },
      maxClockSkewSeconds: 5,
      pauses: this.pausing ? new ExactPauses(this.client, 'pair', () => this.openPauses) : noPauses,
      fuse: new Fuse({ errors: this.pausing ? 5 : 0, windowMs: 60_000 }, () => this.fuseClock),
      trialMaxMs: 60_000,
      streams: { liveMs: (...of) => Promise.resolve(this.liveMs(...of)) },
    };
  }

  /** Another worker. */
  async work(version?: WorkerDeploymentVersion): Promise<void> {
    const worker = await createWorker({
      ...this.#deps,
      version,
      converter: dataConverter(this.#keys),
      connection: this.env.nativeConnection,
      namespace: 'default',
      slots: 10,
    });
    this.#workers.push(worker);
    this.#running.push(worker.run());
  }

  #wake(): void {
    const waker = new Waker({
      client: this.client,
      pipeline: 'pair',
      databases: [this.left, this.right],
      streams: this.#deps.streams,
      awaited: ['parents', 'children'].map((entity) => ({ entity, side: 'left' })),
      deadlineMs: defaultRetryLimits.waitingDeadlineMs,
      intervalMs: 50,
    });
    this.#waking = this.wakes ? waker.watch(this.#closing.signal) : Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#waking;
    for (const worker of this.#workers) worker.shutdown();
    await Promise.all(this.#running);
    await this.env.teardown();
  }

  /** An app's insert of a parent on the left side. */
  newParent = (): ChangeEvent => this.#apps.insert('left', 'parents', { name: 'secret-name' });
  renamed = ({ primary_key: key }: ChangeEvent): ChangeEvent =>
    this.#apps.update('left', 'parents', key, { name: 'another-secret' });
  newChild = (parent: string): ChangeEvent =>
    this.#apps.insert('left', 'children', { parent, name: 'secret-name' });

  async start(event: ChangeEvent, changes: Partial<SyncInput> = {}) {
    const input: SyncInput = {
      pipeline: 'pair',
      subject: { kind: 'event', event },
      limits: defaultRetryLimits,
      retried: false,
      ...changes,
    };
    return this.client.workflow.start(workflowTypes.syncChange, syncStartOptions(input, 'right'));
  }

  /** Starts and waits for the end, in skipped time; an error of the workflow comes back as it is. */
  async sync(event: ChangeEvent, changes: Partial<SyncInput> = {}): Promise<unknown> {
    return this.result(await this.start(event, changes));
  }

  /** A workflow's result, letting skipped time pass until it has ended. */
  async result<T>(handle: {
    describe(): Promise<{ status: { name: string } }>;
    result(): Promise<T>;
  }): Promise<T> {
    for (let step = 0; (await handle.describe()).status.name === 'RUNNING'; step++)
      await this.env.sleep(step < 30 ? 500 : 10_000);
    return handle.result();
  }

  /** What activities that are tried on failed with last. */
  async failing(handle: Pick<WorkflowHandle, 'describe'>): Promise<string[]> {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.flatMap(({ lastFailure }) => lastFailure?.message ?? []) ?? [];
  }

  status = (event: ChangeEvent): Promise<SyncStatus> =>
    this.client.workflow.getHandle(event.event_id).query<SyncStatus>(queryNames.status);

  deadLetter(eventId: string) {
    const handle = this.client.workflow.getHandle(deadLetterId(eventId));
    const status = () => handle.query<DeadLetterStatus>(queryNames.status);
    // The time-skipping server forgets an update's answer when the workflow closes with it; Temporal does not.
    const answer = (update: Promise<DeadLetterStatus>) =>
      update.catch((error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return status();
        throw error;
      });
    return {
      handle,
      status,
      decide: (take: string) =>
        answer(handle.executeUpdate<DeadLetterStatus, [string]>(updateNames.decide, { args: [take] })),
      /** Without a request as the Web UI asks for it. */
      retry: (request?: RetryRequest) =>
        answer(
          request
            ? handle.executeUpdate<DeadLetterStatus, [RetryRequest]>(updateNames.retry, { args: [request] })
            : handle.executeUpdate<DeadLetterStatus, []>(updateNames.retry),
        ),
      edit: (columns: Row, by?: string) =>
        answer(
          handle.executeUpdate<DeadLetterStatus, [Edit]>(updateNames.edit, {
            args: [{ columns, ...(by !== undefined && { by }) }],
          }),
        ),
      discard: (...args: [reason: string, by?: string]) =>
        answer(handle.executeUpdate<DeadLetterStatus, typeof args>(updateNames.discard, { args })),
    };
  }

  /** Lets skipped time pass until the condition holds. */
  async until(condition: () => Promise<boolean> | boolean): Promise<void> {
    for (let left = 100; left > 0; left--) {
      if (await condition()) return;
      await this.env.sleep(100);
    }
    throw new Error('the condition did not come to hold');
  }

  /** Seconds of each try after the first, which is the local one. */
  get secondsOfRegularTries(): number[] {
    const [, start = 0, ...rest] = this.right.tries;
    return [0, ...rest.map((at) => Math.round((at - start) / 1000))];
  }
}

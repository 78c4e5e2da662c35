import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { WorkflowStartOptions } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { Worker } from '@temporalio/worker';
import { Fuse } from '../../src/errors/fuse.ts';
import { defaultRetryLimits } from '../../src/errors/policy.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { scheduleHousekeeping } from '../../src/process/housekeeping.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import type { Temporal } from '../../src/process/temporal.ts';
import { createWorker } from '../../src/process/worker.ts';
import type { DeadLetterStatus, SyncInput } from '../../src/temporal/messages.ts';
import type { HousekeepingResult } from '../../src/temporal/housekeeping.ts';
import {
  deadLetterId,
  housekeepingId,
  queryNames,
  taskQueue,
  updateNames,
  workflowTypes,
} from '../../src/temporal/names.ts';
import { packEvents } from '../../src/temporal/packed-events.ts';
import { batchStartOptions } from '../../src/temporal/start-batch.ts';
import { syncStartOptions } from '../../src/temporal/start-sync.ts';
import { eventually } from '../support/eventually.ts';
import { ScriptedDatabase } from '../support/scripted-database.ts';
import { pair, TwoSides } from '../support/two-sides.ts';
import { testTemporal } from '../support/pipeline-system.ts';
import { noTools } from '../support/no-tools.ts';

/** Of this run: the schedule and the list of what ended are this pipeline's. */
const pipeline = { ...pair, name: `keep_${randomUUID().slice(0, 8)}` };
const log = createLogger({ level: 'silent' });
const apps = new TwoSides();
const now = () => Promise.resolve(Date.now());
const left = new ScriptedDatabase('left', now);
const right = new ScriptedDatabase('right', now);

let temporal: Temporal;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  temporal = await connectTemporal(testTemporal(), log);
  worker = await createWorker({
    ...temporal,
    namespace: 'default',
    slots: 4,
    pipeline,
    databases: new Map([
      ['left', left],
      ['right', right],
    ]),
    ledgers: new Map(),
    upstream: { retentionMs: () => Promise.resolve(1000), captured: () => Promise.resolve(null) },
    countOpen: () => Promise.resolve({ running: 0, waiting: 0 }),
    anyOpen: () => Promise.resolve(false),
    records: {
      readRecord: () => Promise.reject(new Error('no record is expected to be read')),
      parseRecord: () => Promise.reject(new Error('no record is expected to be parsed')),
    },
    bus: null,
    tools: noTools,
    limits: defaultRetryLimits,
    polling: { intervalMs: 1000, rows: 10, overlapMs: 30_000, compareMs: 60_000 },
    deadLetterTopic: { send: () => Promise.resolve() },
    observer: {
      during: (_, work) => work(),
      applied() {},
      failed() {},
      deadLetterRaised() {},
      verified() {},
      pauseChanged() {},
      alerted() {},
      posted() {},
    },
    alerts: { intervalMs: 60_000, countOpen: () => Promise.resolve(0), post: () => Promise.resolve() },
    maxClockSkewSeconds: 5,
    pauses: {
      open: [],
      isOpen: () => false,
      holds: () => Promise.resolve(false),
      start: () => Promise.resolve(false),
    },
    fuse: new Fuse({ errors: 0, windowMs: 60_000 }),
    trialMaxMs: 60_000,
    streams: { liveMs: () => Promise.resolve(0) },
  });
  running = worker.run();
});

afterAll(async () => {
  worker.shutdown();
  await running;
  await temporal.client.schedule
    .getHandle(housekeepingId(pipeline.name))
    .delete()
    .catch(() => {});
  await temporal.connection.close();
});

const workflow = () => temporal.client.workflow;
/** Under an id of its own: the server outlives the test. */
const newEvent = () => ({
  ...apps.insert('left', 'parents', { name: 'secret-name' }),
  event_id: randomUUID(),
});

async function start(event: ReturnType<typeof newEvent>, more: Partial<WorkflowStartOptions> = {}) {
  const input: SyncInput = {
    pipeline: pipeline.name,
    subject: { kind: 'event', event },
    limits: defaultRetryLimits,
    retried: false,
  };
  return workflow().start(workflowTypes.syncChange, { ...syncStartOptions(input, 'right'), ...more });
}

const keepHouse = (): Promise<HousekeepingResult> =>
  workflow().execute(workflowTypes.housekeeping, {
    workflowId: `${housekeepingId(pipeline.name)}-${randomUUID()}`,
    taskQueue: taskQueue(pipeline.name),
    args: [{ pipeline: pipeline.name, retentionDays: 31 }],
  }) as Promise<HousekeepingResult>;

const deadLetter = (eventId: string) => workflow().getHandle(deadLetterId(eventId));

/** Visibility comes after the fact. */
async function seenEnded(count: number): Promise<void> {
  const query = `WorkflowType = 'syncChange' AND TandemPipeline = '${pipeline.name}' AND ExecutionStatus IN ('Terminated', 'TimedOut')`;
  await eventually(
    `${count} ended workflows to be listed`,
    async () => (await workflow().count(query)).count === count,
  );
}

test('an event whose workflow was terminated, or timed out, gets a dead letter, and applies on retry', async () => {
  const [terminated, timedOut, applied] = [newEvent(), newEvent(), newEvent()];
  await (await start(applied)).result();
  right.follow(() => 'unavailable');
  await (await start(terminated)).terminate('by hand');
  await start(timedOut, { workflowExecutionTimeout: 1000 });
  // A later run of what was applied: the ledger knows, whatever becomes of it.
  const again = { workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE };
  await (await start(applied, again)).terminate('by hand');
  await seenEnded(3);
  right.follow(() => null);

  expect((await keepHouse()).vanished).toEqual({ looked: 3, opened: 2, unreadable: 0 });
  for (const [event, end] of [
    [terminated, 'terminated'],
    [timedOut, 'timed_out'],
  ] as const) {
    const status = await deadLetter(event.event_id).query<DeadLetterStatus>(queryNames.status);
    expect(status).toMatchObject({ state: 'open', entity: 'parents', source: 'left' });
    expect(status.failure.signature).toMatch(new RegExp(`/${end}$`));
  }
  expect((await keepHouse()).vanished).toMatchObject({ looked: 3, opened: 0 });

  for (const event of [terminated, timedOut]) {
    await deadLetter(event.event_id).executeUpdate(updateNames.retry);
    expect(await deadLetter(event.event_id).result()).toMatchObject({
      state: 'resolved',
      outcome: 'applied',
    });
  }
  expect((await keepHouse()).vanished).toMatchObject({ opened: 0 });
});

test('the schedule is made once, and each run goes on from the one before', async () => {
  const signal = new AbortController().signal;
  const to = { client: temporal.client, pipeline: pipeline.name, log, signal };
  await scheduleHousekeeping(to, 31);
  await scheduleHousekeeping(to, 40);
  const schedule = temporal.client.schedule.getHandle(housekeepingId(pipeline.name));
  const ran = async () => {
    const { info } = await schedule.describe();
    return [...new Set(info.recentActions.map(({ action }) => action.workflow.workflowId))];
  };
  const result = (id: string) => workflow().getHandle(id).result() as Promise<HousekeepingResult>;
  await schedule.trigger(ScheduleOverlapPolicy.SKIP);
  const [firstId] = await eventually('the first run', async () => ((await ran()).length > 0 ? ran() : null));
  const first = await result(firstId!);
  // Runs are named by the second they begin in.
  const secondId = await eventually('the second run', async () => {
    await schedule.trigger(ScheduleOverlapPolicy.SKIP);
    return (await ran()).find((id) => id !== firstId);
  });
  const second = await result(secondId);
  expect((await schedule.describe()).action).toMatchObject({
    args: [{ pipeline: pipeline.name, retentionDays: 40 }],
  });
  expect(first.purged).toMatchObject({ kept: expect.stringContaining('tombstones') });
  // Not due again: it knows of the first.
  expect(second).toMatchObject({ purged: null, purgedAt: first.purgedAt });
});

test('the events of a batch that was terminated go on by themselves, but for those it had applied', async () => {
  const [applied, cut] = [newEvent(), newEvent()];
  await (await start(applied)).result();
  right.follow(() => 'unavailable');
  const events = [applied, cut];
  const input = { pipeline: pipeline.name, events: await packEvents(events), limits: defaultRetryLimits };
  const batch = await workflow().start(
    workflowTypes.syncBatch,
    batchStartOptions(input, events, 'right', randomUUID()),
  );
  await batch.terminate('by hand');
  const query = `WorkflowType = 'syncBatch' AND TandemPipeline = '${pipeline.name}' AND ExecutionStatus = 'Terminated'`;
  await eventually('the batch to be listed', async () => (await workflow().count(query)).count === 1);
  right.follow(() => null);
  const runs = async (eventId: string) => (await workflow().count(`WorkflowId = '${eventId}'`)).count;

  await keepHouse();
  expect(await workflow().getHandle(cut.event_id).result()).toMatchObject({ outcome: 'applied' });
  expect(await runs(applied.event_id)).toBe(1);
});

import { expect, test } from '@jest/globals';
import { isOfRow } from '../../../src/cli/events-of-row.ts';
import type { DeadLetterRun, EventRun } from '../../../src/cli/row-runs.ts';
import { rowTraceText } from '../../../src/cli/row-trace-view.ts';
import { identityView, timeline } from '../../../src/cli/row-timeline.ts';
import type { Found } from '../../../src/cli/row-timeline.ts';
import type { TracedIdentity } from '../../../src/database/trace-row.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import type { Failure } from '../../../src/temporal/failures.ts';
import type { DeadLetterStatus } from '../../../src/temporal/messages.ts';

const at = (second: number) => `2026-01-08T10:00:${String(second).padStart(2, '0')}.000Z`;
const clock = BigInt(Date.parse(at(50))) * 1000n;

const identity: TracedIdentity = {
  pipeline: 'pair',
  entity: 'parents',
  sourceSide: 'left',
  sourceKey: '1',
  targetSide: 'right',
  targetKey: '7',
  position: null,
  sourceTime: null,
  counter: 3n,
  written: null,
  rowHash: null,
  tombstone: { clock, side: 'left' },
  sourceClock: null,
  createdAt: at(1),
  updatedAt: at(51),
};

const failure: Failure = {
  errorClass: 'data',
  message: 'column title: too long',
  stack: '',
  signature: 'data/parents/-/title',
  retryCount: 0,
  failedAt: at(20),
};

const run = (eventId: string, second: number, changes: Partial<EventRun> = {}): EventRun => ({
  eventId,
  workflowId: eventId,
  status: 'completed',
  startedAt: at(second),
  closedAt: at(second + 1),
  source: 'left',
  operation: 'UPDATE',
  result: { outcome: 'applied', target_key: '7', replayed: false },
  failedTries: 0,
  now: null,
  ...changes,
});

const deadLetter: DeadLetterRun = {
  eventId: 'retried',
  workflowId: 'dead-letter/retried',
  status: 'completed',
  startedAt: at(21),
  closedAt: at(31),
  input: { pipeline: 'pair', failure } as DeadLetterRun['input'],
  known: {
    state: 'resolved',
    outcome: 'applied',
    retries: 1,
    discardReason: null,
    failure,
  } as DeadLetterStatus,
};

const processed = (eventId: string, second: number, outcome: 'applied' | 'conflict_kept' = 'applied') => ({
  eventId,
  pipeline: 'pair',
  entity: 'parents',
  outcome,
  targetKey: '7',
  at: at(second),
});

const found: Found = {
  pipeline: 'pair',
  ways: [
    {
      from: 'left',
      to: 'right',
      identities: [identity],
      events: {
        processed: [processed('retried', 30), processed('batched', 3), processed('long ago', 0)],
        conflicts: [],
        waiting: [
          { eventId: 'waits', awaited: { entity: 'children', side: 'right', key: '9' }, since: at(45) },
        ],
      },
    },
    {
      from: 'right',
      to: 'left',
      identities: [],
      events: {
        processed: [processed('met', 10, 'conflict_kept')],
        conflicts: [
          {
            id: '12',
            recordedAt: at(10),
            eventId: 'met',
            pipeline: 'pair',
            entity: 'parents',
            targetSide: 'left',
            targetKey: '1',
            type: 'update_origin_differs',
            verdict: 'kept',
            incoming: { version: { clock, side: 'right' }, row: { name: 'secret' } },
            existing: { version: null, row: null },
          },
        ],
        waiting: [],
      },
    },
  ],
  deletedByApp: [{ side: 'left', clock }],
  runs: {
    events: [
      run('retried', 20, { status: 'failed', result: null, failedTries: 1 }),
      run('retried', 29),
      run('met', 12, {
        source: 'right',
        failedTries: 3,
        result: { outcome: 'conflict_kept', target_key: '1', replayed: true },
      }),
      run('met', 9, { source: 'right' }),
      run('waits', 44, {
        status: 'running',
        closedAt: null,
        result: null,
        failedTries: 2,
        now: {
          step: 'upsertRow',
          trouble: {
            errorClass: 'waiting_for_row',
            message: 'children.parent refers to a row',
            hint: '',
            since: at(44),
          },
        } as EventRun['now'],
      }),
    ],
    deadLetters: [deadLetter],
  },
  keptSince: Date.parse(at(2)),
  link: (workflowId) => `ui/${workflowId}`,
};

const trace = {
  pipeline: 'pair',
  entity: 'parents',
  keys: [
    { side: 'left', key: '1' },
    { side: 'right', key: '7' },
  ],
  identities: [identityView(identity)],
  moments: timeline(found),
  left_out: ['only 1000 dead letters of parents were looked at'],
};

test('what both ledgers and Temporal know comes in order of time', () => {
  expect(
    trace.moments.map((moment) => [moment.at, moment.what, 'event_id' in moment ? moment.event_id : null]),
  ).toEqual([
    [at(0), 'outcome', 'long ago'],
    [at(1), 'paired', null],
    [at(3), 'outcome', 'batched'],
    [at(10), 'outcome', 'met'],
    [at(10), 'conflict', 'met'],
    [at(13), 'replayed', 'met'],
    [at(21), 'ended', 'retried'],
    [at(21), 'dead_letter', 'retried'],
    [at(30), 'outcome', 'retried'],
    [at(31), 'dead_letter_closed', 'retried'],
    [at(44), 'running', 'waits'],
    [at(45), 'waiting', 'waits'],
    ['2026-01-08T10:00:50.000000Z', 'deleted', null],
    ['2026-01-08T10:00:50.000000Z', 'deleted', null],
  ]);
});

test('the lane is told by the workflow, and by its absence only while Temporal would still have it', () => {
  const outcomes = trace.moments.filter((moment) => moment.what === 'outcome');
  expect(outcomes.map(({ event_id: id, lane, workflow }) => [id, lane, workflow])).toEqual([
    ['long ago', null, null],
    ['batched', 'batch', null],
    ['met', 'event', 'ui/met'],
    ['retried', 'event', 'ui/retried'],
  ]);
});

test('an outcome the ledger has forgotten is told by its workflow', () => {
  const [first] = timeline({
    ...found,
    ways: [],
    deletedByApp: [],
    runs: { events: [run('e', 5)], deadLetters: [] },
  });
  expect(first).toMatchObject({
    at: at(6),
    what: 'outcome',
    outcome: 'applied',
    target_key: '7',
    event_id: 'e',
  });
});

test('an operator reads every moment, its links and what is not complete, and no value', () => {
  const text = rowTraceText(trace);
  expect(text.split('\n')).toEqual([
    'parents of pair: left 1 = right 7',
    `left 1 → right 7: version 3, changed ${at(51)}, deleted by left`,
    `${at(0)}  applied: change left → right, event long ago, lane not known any more`,
    `${at(1)}  identity left 1 → right`,
    `${at(3)}  applied: change left → right, event batched, in a batch with others`,
    `${at(10)}  conflict_kept: UPDATE right → left, event met, in a workflow of its own`,
    '  ui/met',
    `${at(10)}  conflict update_origin_differs on left, kept: pair/left/12, event met`,
    `${at(13)}  conflict_kept before, replayed: UPDATE right → left, event met, 3 failed tries`,
    '  ui/met',
    `${at(21)}  failed: UPDATE left → right, event retried, 1 failed try`,
    '  ui/retried',
    `${at(21)}  dead letter retried, resolved: data: column title: too long, 1 retry asked for`,
    '  ui/dead-letter/retried',
    `${at(30)}  applied: UPDATE left → right, event retried, in a workflow of its own`,
    '  ui/retried',
    `${at(31)}  dead letter retried resolved, applied`,
    '  ui/dead-letter/retried',
    `${at(44)}  under way in upsertRow: UPDATE left → right, event waits, 2 failed tries, waiting_for_row: children.parent refers to a row`,
    '  ui/waits',
    `${at(45)}  waits on right for a row of children, right 9: event waits`,
    '2026-01-08T10:00:50.000000Z  deleted on right: version of left',
    '2026-01-08T10:00:50.000000Z  deleted on left by its app',
    'not complete: only 1000 dead letters of parents were looked at',
  ]);
  expect(text + JSON.stringify(trace)).not.toContain('secret');
});

test('the rows come last, with what a terminal obeys made plain', () => {
  const rows = [
    { side: 'left', key: '1', clock: '5', values: { name: 'a\u001bb', note: null } },
    { side: 'right', key: '7', clock: null, values: null },
  ];
  expect(
    rowTraceText({ ...trace, rows })
      .split('\n')
      .slice(-4),
  ).toEqual(['left 1 now, clock 5', String.raw`  name: a\u{1b}b`, '  note: null', 'right 7 now: no row']);
});

test('a change is of the row by its key or the one before; a conflict by either side', () => {
  const event = { source: 'left', primary_key: '2', previous_key: '1' } as ChangeEvent;
  const keys = [{ side: 'left', key: '1' }];
  expect(isOfRow({ kind: 'event', event }, keys)).toBe(true);
  expect(isOfRow({ kind: 'event', event: { ...event, previous_key: '3' } }, keys)).toBe(false);
  expect(isOfRow({ kind: 'event', event: { ...event, source: 'right', primary_key: '1' } }, keys)).toBe(
    false,
  );
  const hint = {
    kind: 'hint',
    eventId: 'h',
    entity: 'parents',
    side: 'left',
    key: '1',
    timestamp: at(0),
  } as const;
  expect(isOfRow(hint, keys)).toBe(true);
  const versions = [
    { side: 'right', key: '7', clock: '1' },
    { side: 'left', key: '1', clock: '2' },
  ] as const;
  expect(isOfRow({ kind: 'conflict', eventId: 'c', entity: 'parents', versions }, keys)).toBe(true);
});

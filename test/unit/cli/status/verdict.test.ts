import { expect, test } from '@jest/globals';
import type { SideStatus } from '../../../../src/cli/status/report.ts';
import { problemsOf } from '../../../../src/cli/status/verdict.ts';
import { entity, job, pause, side, well } from './well.ts';

const withSide = (changes: Partial<SideStatus>) =>
  problemsOf([{ ...well, sides: [{ ...side, ...changes }] }]);
const connector = { name: 'tandem-left', tasks: [], cause: [] };

test('what is well, what is tried again and what an operator paused needs nobody', () => {
  const busy = { inFlight: 9, retrying: 3, waiting: 2, deadLetters: 0 };
  const stopped = { ...pause, reason: 'operator' } as const;
  expect(problemsOf([well, { ...well, work: busy, pauses: [stopped] }])).toEqual([]);
  expect(withSide({ reader: { name: 'g', members: 1, unread: 500 } })).toEqual([]);
  expect(withSide({ connector: { ...connector, state: 'paused' } })).toEqual([]);
});

test('dead letters need an operator, of whatever entity', () => {
  const work = { inFlight: 0, retrying: 0, waiting: 0, deadLetters: 1 };
  expect(problemsOf([{ ...well, work }])).toEqual(['town: 1 dead letter; tandem dlq list --pipeline town']);
  expect(problemsOf([{ ...well, work: { ...work, deadLetters: 2 } }])[0]).toContain('2 dead letters');
});

test('a pause by itself needs an operator, and each kind ends in its own way', () => {
  expect(problemsOf([{ ...well, pauses: [pause] }])).toEqual([
    expect.stringMatching(
      /^paused: town\/people since .*, fuse: constraint\/23505; .* tandem resume town\/people$/,
    ),
  ]);
  const restarted = { ...pause, reason: 'log_restarted', scope: { kind: 'side', side: 'left' } } as const;
  expect(problemsOf([{ ...well, pauses: [restarted] }])[0]).toContain(
    'tandem connectors apply town --new-epoch left, then tandem resume town/left',
  );
});

test('a connector that failed or is missing needs an operator, and one that starts does not', () => {
  const cause = ['ConnectException: stopped', 'PSQLException: no such slot'];
  expect(withSide({ connector: { ...connector, state: 'failed', cause } })).toEqual([
    'town/left: the connector tandem-left failed: PSQLException: no such slot; repair the cause, then tandem connectors apply town',
  ]);
  expect(withSide({ connector: { ...connector, state: 'missing' } })).toEqual([
    'town/left: the connector tandem-left is not registered; tandem connectors apply town',
  ]);
  expect(withSide({ connector: { ...connector, state: 'starting' } })).toEqual([]);
});

test('a log that is lost or soon will be, records nobody reads and a poll that stands need an operator', () => {
  const log = { found: 'it is gone', repair: 'take a new snapshot', secondsLeft: 0, bytesLeft: null };
  for (const state of ['lost', 'running_out'] as const)
    expect(withSide({ log: { ...log, state } })).toEqual(['town/left: it is gone; take a new snapshot']);
  expect(withSide({ log: { ...log, state: 'unknown' } })).toEqual([]);
  expect(withSide({ reader: { name: 'g', members: 0, unread: 3 } })).toEqual([
    'town/left: nobody reads, and 3 records wait; tandem ingest town/left',
  ]);
  expect(withSide({ reader: { name: 'g', members: 0, unread: 0 } })).toEqual([]);
  expect(withSide({ reader: { name: 'queue', members: null, unread: 3 } })).toEqual([]);
  expect(withSide({ poll: { running: false } })).toEqual([
    'town/left: its poll does not run; tandem worker town',
  ]);
});

test('a job whose last run failed needs an operator until another one is under way', () => {
  const last = { ...job.last!, result: 'failed', why: 'failed: no such table (schema)' };
  expect(problemsOf([{ ...well, jobs: [{ ...job, last }] }])).toEqual([
    'town/refresh: its last run failed: no such table (schema); tandem jobs run town refresh',
  ]);
  const running = { workflowId: 'v', startedAt: last.startedAt, status: null };
  expect(problemsOf([{ ...well, jobs: [{ ...job, last, running }] }])).toEqual([]);
});

test('each part that is away needs an operator, and is told once wherever it is missed', () => {
  const temporal = { away: 'Temporal does not answer' };
  const database = { away: 'database left: refused' };
  const connect = { away: 'Kafka Connect does not answer' };
  expect(
    problemsOf([
      { ...well, work: temporal, pauses: temporal, jobs: temporal },
      {
        ...well,
        entities: [{ ...entity, lastMinute: database, unread: { away: 'Kafka: refused' } }],
        sides: [{ ...side, database, connector: connect, log: connect, poll: { away: 'Temporal: refused' } }],
      },
    ]).toSorted(),
  ).toEqual([
    'away: Kafka Connect does not answer',
    'away: Kafka: refused',
    'away: Temporal does not answer',
    'away: Temporal: refused',
    'away: database left: refused',
  ]);
});

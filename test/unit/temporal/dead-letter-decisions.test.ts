import { describe, expect, test } from '@jest/globals';
import {
  refuseDecide,
  refuseDiscard,
  refuseEdit,
  refuseRetry,
} from '../../../src/temporal/dead-letter-decisions.ts';
import type { DeadChange, DeadLetterStatus } from '../../../src/temporal/messages.ts';
import type { RowConflict } from '../../../src/temporal/row-conflict.ts';
import { TwoSides } from '../../support/two-sides.ts';

type State = DeadLetterStatus['state'];
const refusals: Record<State, { retry: RegExp | null; discard: RegExp | null }> = {
  open: { retry: null, discard: null },
  retrying: { retry: null, discard: /a retry is running/ },
  resolved: { retry: /has been applied/, discard: /has been applied/ },
  discarded: { retry: /was discarded/, discard: /was discarded/ },
};

describe.each(Object.entries(refusals) as [State, (typeof refusals)[State]][])(
  'a dead letter %s',
  (state, of) => {
    const decisions = {
      retry: () => refuseRetry(state, false),
      discard: () => refuseDiscard(state, false, 'reason'),
    };
    test.each(['retry', 'discard'] as const)('%s', (decision) => {
      if (of[decision] === null) expect(decisions[decision]).not.toThrow();
      else expect(decisions[decision]).toThrow(of[decision]);
    });
  },
);

test('while a decision is carried out another one waits', () => {
  expect(() => refuseRetry('open', true)).toThrow(/being carried out/);
  expect(() => refuseDiscard('open', true, 'reason')).toThrow(/being carried out/);
});

test.each([[''], ['  '], [undefined], [7], ['x'.repeat(1001)]])(
  'a discard for the reason %p is refused',
  (reason) => {
    expect(() => refuseDiscard('open', false, reason)).toThrow(/reason/);
  },
);

const conflict: RowConflict = {
  kind: 'conflict',
  eventId: 'id',
  entity: 'users',
  versions: [
    { side: 'old', key: '1', clock: '1' },
    { side: 'new', key: '2', clock: '2' },
  ],
};

test.each([
  ['open', false, 'old', null],
  ['open', false, 'elsewhere', /name the side whose version is to stand: old or new/],
  ['open', false, undefined, /old or new/],
  ['open', true, 'old', /being carried out/],
  ['resolved', false, 'old', /is settled/],
] as const)('a choice on a conflict that is %s (deciding: %p): %p', (state, deciding, take, refused) => {
  const decide = () => refuseDecide(conflict, state, deciding, take);
  if (refused === null) expect(decide).not.toThrow();
  else expect(decide).toThrow(refused);
});

const event = new TwoSides().insert('left', 'parents', { name: 'secret' });

describe('an edit', () => {
  const subject = { kind: 'event', event } as const;
  const edit = { columns: { name: 'x', gone: null, done: true } };

  test('of an open dead letter is accepted', () => {
    expect(() => refuseEdit('open', false, subject, edit)).not.toThrow();
  });

  test.each([
    ['retrying', /a retry is running/],
    ['resolved', /has been applied/],
    ['discarded', /was discarded/],
  ] as const)('of one that is %s is refused', (state, why) => {
    expect(() => refuseEdit(state, false, subject, edit)).toThrow(why);
  });

  test('waits for another decision', () => {
    expect(() => refuseEdit('open', true, subject, edit)).toThrow(/being carried out/);
  });

  test.each([[undefined], [{}], [{ columns: {} }], [{ columns: ['x'] }], ['name=x']])(
    'that names no column is refused: %j',
    (none) => {
      expect(() => refuseEdit('open', false, subject, none)).toThrow(/name the columns/);
    },
  );

  test.each([[7], [['x']], [{ a: 'b' }]])(
    'with a value that is no column value names the column: %j',
    (value) => {
      expect(() => refuseEdit('open', false, subject, { columns: { name: value } })).toThrow(/column name:/);
    },
  );

  test('is for events that carry values', () => {
    const edits = (of: DeadChange) => expect(() => refuseEdit('open', false, of, edit));
    edits({ kind: 'event', event: { ...event, operation: 'DELETE' } }).toThrow(/a DELETE carries no value/);
    edits(hint).toThrow(/it holds no values/);
    edits(record).toThrow(/could not be parsed/);
  });
});

const hint = {
  kind: 'hint',
  eventId: event.event_id,
  entity: 'parents',
  side: 'left',
  key: '1',
  timestamp: event.timestamp,
} as const;
const record = {
  kind: 'record',
  eventId: event.event_id,
  side: 'left',
  reference: { topic: 't', partition: 0, offset: '1', expires: null },
  key: null,
  raw: null,
} as const;

describe('a retry that reads the row', () => {
  const reread = (state: State, subject: DeadChange) =>
    expect(() => refuseRetry(state, false, { reread: true }, subject));

  test('is for a row that the event tells and that can be there', () => {
    reread('open', { kind: 'event', event }).not.toThrow();
    reread('open', hint).not.toThrow();
    reread('open', record).toThrow(/nobody knows which row/);
    reread('open', { kind: 'event', event: { ...event, operation: 'DELETE' } }).toThrow(/the end of its row/);
    reread('open', { kind: 'event', event: { ...event, previous_key: '2' } }).toThrow(/changes the key/);
    reread('retrying', { kind: 'event', event }).toThrow(/a retry is running/);
  });
});

test.each(['retrying', 'resolved', 'discarded'] as const)(
  'of many, one that is %s is left alone',
  (state) => {
    expect(() => refuseRetry(state, false, { onlyOpen: true })).toThrow(
      expect.objectContaining({ type: 'not_open' }),
    );
    expect(() => refuseRetry('open', false, { onlyOpen: true })).not.toThrow();
    expect(() => refuseRetry('open', true, { onlyOpen: true })).toThrow(
      expect.objectContaining({ type: 'not_open' }),
    );
  },
);

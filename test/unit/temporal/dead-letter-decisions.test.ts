import { describe, expect, test } from '@jest/globals';
import { refuseDecide, refuseDiscard, refuseRetry } from '../../../src/temporal/dead-letter-decisions.ts';
import type { DeadLetterStatus } from '../../../src/temporal/messages.ts';
import type { RowConflict } from '../../../src/temporal/row-conflict.ts';

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

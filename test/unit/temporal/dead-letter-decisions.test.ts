import { describe, expect, test } from '@jest/globals';
import { refuseDiscard, refuseRetry } from '../../../src/temporal/dead-letter-decisions.ts';
import type { DeadLetterStatus } from '../../../src/temporal/messages.ts';

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

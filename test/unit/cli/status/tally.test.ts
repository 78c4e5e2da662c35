import { expect, test } from '@jest/globals';
import { tally } from '../../../../src/cli/status/tally.ts';

const open = (type: string, errorClass: string | null = null) => ({
  type,
  entity: 'people',
  side: 'left',
  errorClass,
});

test('what waits for a row is in flight and not retried; a dead letter is neither', () => {
  expect(tally([])).toEqual({ inFlight: 0, retrying: 0, waiting: 0, deadLetters: 0 });
  expect(
    tally([
      open('syncChange'),
      open('syncBatch'),
      open('syncChange', 'unavailable'),
      open('syncChange', 'schema'),
      open('syncChange', 'waiting_for_row'),
      open('deadLetter', 'data'),
    ]),
  ).toEqual({ inFlight: 5, retrying: 2, waiting: 1, deadLetters: 1 });
});

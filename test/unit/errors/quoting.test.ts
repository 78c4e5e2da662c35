import { expect, test } from '@jest/globals';
import { saidBy } from '../../../src/effects/redis-connection.ts';
import { errorCode } from '../../../src/errors/error-code.ts';
import { troubleOf } from '../../../src/ingest/sqs/queue.ts';

const secret = 'anna@example.org';

test('of what Redis refuses, arguments are not said', () => {
  for (const quote of ["'", '`'])
    expect(
      saidBy(
        new Error(`ERR unknown command ${quote}XADD${quote}, with args beginning with: ${quote}${secret}`),
      ),
    ).toBe('ERR unknown command');
  const refusal = "NOPERM User tandem has no permissions to run the 'xadd' command";
  expect(saidBy(new Error(refusal))).toBe(refusal);
});

test('of an answer of SQS that cannot be read, nothing is said', () => {
  let unread: unknown;
  try {
    JSON.parse(secret);
  } catch (error) {
    unread = error;
  }
  expect(String(unread)).toContain('anna');
  expect(troubleOf({ name: 'changes' }, unread)).toBe('its answer cannot be read');
});

test('a code is a short word, or none', () => {
  expect(errorCode({ code: '22P02' })).toBe('22P02');
  expect(errorCode({ code: 1062 })).toBe('1062');
  for (const none of [{ code: secret }, { code: 'x'.repeat(41) }, { code: undefined }, {}, null, secret])
    expect(errorCode(none)).toBeNull();
});

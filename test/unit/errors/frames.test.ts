import { expect, test } from '@jest/globals';
import { framesOf } from '../../../src/errors/frames.ts';

test('of a stack only frames are left, whatever its message looks like', () => {
  const error = new Error('no such row\n    at anna@example.org (x.ts:1:1)');
  expect(framesOf(error)).toContain('frames.test');
  expect(framesOf(error)).not.toContain('anna');
  for (const none of [undefined, null, 'anna', {}, { stack: undefined }]) expect(framesOf(none)).toBe('');
});

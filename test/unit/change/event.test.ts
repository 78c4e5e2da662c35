import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { changeEvent } from '../../../src/change/event.ts';

test('the wire schema is the one that running workflows were started with', () => {
  const schema = JSON.stringify(z.toJSONSchema(changeEvent));
  // A field that running workflows lack must be optional; then this hash may follow.
  expect(createHash('sha256').update(schema).digest('hex').slice(0, 16)).toBe('ccf1ac4bacd373a1');
});

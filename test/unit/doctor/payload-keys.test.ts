import { expect, test } from '@jest/globals';
import { judgedKeys } from '../../../src/doctor/checks/payload-keys.ts';
import { noKeys, parsePayloadKeys } from '../../../src/temporal/payload-keys.ts';

const key = Buffer.alloc(32).toString('base64');

test.each([
  [null, noKeys, 'ok', 'nothing is encrypted'],
  ['a', parsePayloadKeys(`b:${key},a:${key}`), 'ok', 'its workers encrypt with key "a"'],
  ['a', noKeys, 'fail', 'its workers encrypt with key "a", which is not in PAYLOAD_KEYS here'],
  ['a', parsePayloadKeys(`b:${key}`), 'fail', 'which is not in PAYLOAD_KEYS here'],
  [null, parsePayloadKeys(`a:${key}`), 'warn', 'the worker that started last encrypts nothing'],
  [null, parsePayloadKeys(`plain,a:${key}`), 'ok', 'nothing is encrypted'],
])('workers that encrypt with %j are held against the keys here: %#', (used, keys, status, message) => {
  const finding = judgedKeys('blog', used, keys);
  expect(finding.status).toBe(status);
  expect(finding.message).toContain(message);
});

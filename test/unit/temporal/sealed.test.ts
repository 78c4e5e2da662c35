import { expect, test } from '@jest/globals';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { dataConverter } from '../../../src/temporal/data-converter.ts';
import { noKeys, parsePayloadKeys } from '../../../src/temporal/payload-keys.ts';
import { openedMessage, sealedMessage } from '../../../src/temporal/sealed.ts';

const keys = parsePayloadKeys(`k:${Buffer.alloc(32, 1).toString('base64')}`);
const converter = (of = keys) => loadDataConverter(dataConverter(of));
const message = {
  key: 'id',
  value: JSON.stringify({
    original_event: { name: 'anna' },
    reason: 'anna',
    failed_at: 'now',
    outcome: null,
  }),
  headers: { 'tandem-dead-letter': JSON.stringify({ pipeline: 'zoo', rows: [{ key: 'anna' }] }) },
};
const read = ({ value, headers }: typeof message) => ({ value: Buffer.from(value), headers });

test('a message of the topic is sealed where it may hold values, and opened again', async () => {
  const sealed = await sealedMessage(converter(), message);
  expect(JSON.stringify(sealed)).not.toMatch(/anna|zoo/);
  expect(JSON.parse(sealed.value)).toMatchObject({ failed_at: 'now', outcome: null });
  expect(await openedMessage(converter(), read(sealed as typeof message))).toEqual(read(message));
  await expect(openedMessage(converter(noKeys), read(sealed as typeof message))).rejects.toThrow('key "k"');
});

test('without keys, and where it is no JSON, a message stays as it is', async () => {
  expect(await sealedMessage(converter(noKeys), message)).toEqual(message);
  expect(await openedMessage(converter(), read(message))).toEqual(read(message));
  const broken = { value: Buffer.from('{'), headers: { 'tandem-dead-letter': '{' } };
  expect(await openedMessage(converter(), broken)).toEqual(broken);
  expect(await openedMessage(converter(), { value: null, headers: {} })).toEqual({
    value: null,
    headers: {},
  });
});

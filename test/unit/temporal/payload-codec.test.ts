import { describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { randomBytes } from 'node:crypto';
import { encodedSize, fitsTemporal, GzipCodec } from '../../../src/temporal/payload-codec.ts';

const codec = new GzipCodec();
const payload = (value: unknown) => defaultPayloadConverter.toPayload(value);

async function roundTrip(value: unknown): Promise<unknown> {
  const [decoded] = await codec.decode(await codec.encode([payload(value)]));
  return defaultPayloadConverter.fromPayload(decoded!);
}

describe('GzipCodec', () => {
  test('leaves small payloads readable', async () => {
    const small = payload({ text: 'x'.repeat(1000) });
    expect(await codec.encode([small])).toEqual([small]);
  });

  test('leaves what the Web UI shows of a workflow readable', async () => {
    const metadata = payload({ definition: { type: 'deadLetter' }, currentDetails: 'x'.repeat(5000) });
    expect(await codec.encode([metadata])).toEqual([metadata]);
  });

  test('compresses large ones and gives them back unchanged', async () => {
    const value = { text: 'emoji 😀 '.repeat(10_000), nothing: null };
    expect(await encodedSize(value)).toBeLessThan(3000);
    expect(await roundTrip(value)).toEqual(value);
  });

  test('leaves what does not get smaller', async () => {
    const data = randomBytes(5000);
    const [encoded] = await codec.encode([payload(data)]);
    expect(Buffer.from(encoded!.metadata!['encoding']!).toString()).toBe('binary/plain');
  });

  test('passes payloads of others as they are', async () => {
    const foreign = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('x') };
    expect(await codec.decode([foreign])).toEqual([foreign]);
  });
});

describe('fitsTemporal', () => {
  test('counts what is sent, not what it unpacks to', async () => {
    expect(await fitsTemporal({ text: 'a'.repeat(20_000_000) })).toBe(true);
  });

  test('refuses more than 1.5 MiB that cannot be compressed', async () => {
    // Base64 of noise compresses to about three quarters: its bytes.
    expect(await fitsTemporal(randomBytes(1_400_000).toString('base64'))).toBe(true);
    expect(await fitsTemporal(randomBytes(1_700_000).toString('base64'))).toBe(false);
  });
});

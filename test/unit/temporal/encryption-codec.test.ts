import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import { decode, encode } from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import fc from 'fast-check';
import { dataConverter } from '../../../src/temporal/data-converter.ts';
import { EncryptionCodec } from '../../../src/temporal/encryption-codec.ts';
import { maximumEncodedBytes } from '../../../src/temporal/payload-codec.ts';
import { noKeys, parsePayloadKeys } from '../../../src/temporal/payload-keys.ts';

const [a, b] = ['a', 'b'].map((id) => `${id}:${randomBytes(32).toString('base64')}`);
const codec = (...keys: string[]) => new EncryptionCodec(parsePayloadKeys(keys.join(',')));
const payload = (value: unknown) => defaultPayloadConverter.toPayload(value);
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('latin1');
const anyPayload: fc.Arbitrary<Payload> = fc.record({
  metadata: fc.dictionary(fc.string({ minLength: 1 }), fc.uint8Array({ maxLength: 40 })),
  data: fc.uint8Array({ maxLength: 5000 }),
});
const plain = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, text(value)])),
  data: text(data),
});

describe('EncryptionCodec', () => {
  test('gives back every payload, and keeps nothing of it readable', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPayload, { maxLength: 4 }), async (payloads) => {
        const encrypted = await codec(a!).encode(payloads);
        expect(encrypted.map(({ metadata }) => text(metadata?.['encoding']))).toEqual(
          payloads.map(() => 'binary/encrypted'),
        );
        expect((await codec(a!).decode(encrypted)).map(plain)).toEqual(payloads.map(plain));
      }),
    );
    const [one] = await codec(a!).encode([payload('anna@example.org')]);
    expect(text(proto.temporal.api.common.v1.Payload.encode(one!).finish())).not.toMatch(/anna|json/);
  });

  test('refuses what was changed anywhere, and a key id that was exchanged', async () => {
    const both = codec(a!, b!.replace(/^b:.*/, `b:${a!.slice(2)}`));
    const [encrypted] = await both.encode([payload('anna')]);
    const data = encrypted!.data!;
    await fc.assert(
      fc.asyncProperty(fc.nat(data.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Uint8Array.from(data, (byte, index) => (index === at ? byte ^ by : byte));
        await expect(both.decode([{ ...encrypted!, data: changed }])).rejects.toThrow('damaged');
      }),
    );
    for (const length of [0, 5, 12, 27, data.length - 1])
      await expect(both.decode([{ ...encrypted!, data: data.subarray(0, length) }])).rejects.toThrow(
        'damaged',
      );
    const renamed = { ...encrypted!.metadata, 'encryption-key-id': Buffer.from('b') };
    await expect(both.decode([{ ...encrypted!, metadata: renamed }])).rejects.toThrow('damaged');
  });

  test('the first key encrypts, all decrypt; a key that is missing is named', async () => {
    const [old] = await codec(a!).encode([payload('old')]);
    const [fresh] = await codec(b!, a!).encode([payload('new')]);
    const mixed = await codec(b!, a!).decode([old!, payload('plain'), fresh!]);
    expect(mixed.map((each) => defaultPayloadConverter.fromPayload(each))).toEqual(['old', 'plain', 'new']);
    await expect(codec(b!).decode([old!])).rejects.toMatchObject({
      message: 'a payload is encrypted with key "a", which is not in PAYLOAD_KEYS',
      type: 'unavailable',
    });
    await expect(new EncryptionCodec(noKeys).decode([fresh!])).rejects.toThrow('key "b"');
  });

  test('"plain" first encrypts nothing and reads what is encrypted', async () => {
    const [encrypted] = await codec(a!).encode([payload('secret')]);
    const off = codec('plain', a!);
    expect(await off.encode([payload('x')])).toEqual([payload('x')]);
    expect((await off.decode([encrypted!])).map(plain)).toEqual([plain(payload('secret'))]);
    expect(dataConverter(parsePayloadKeys(`plain,${a}`)).failureConverterPath).toBeUndefined();
  });

  test('many at once each have an IV of their own', async () => {
    const same = codec(a!);
    const many = await Promise.all(Array.from({ length: 2000 }, () => same.encode([payload('one value')])));
    expect(new Set(many.map(([each]) => text(each!.data!.subarray(0, 12)))).size).toBe(2000);
    const back = await Promise.all(many.map((each) => same.decode(each)));
    for (const [each] of back) expect(plain(each!)).toEqual(plain(payload('one value')));
  });
});

describe('dataConverter', () => {
  const { payloadCodecs: codecs = [] } = dataConverter(parsePayloadKeys(a!));

  test('compresses before it encrypts', async () => {
    const large = payload('a'.repeat(100_000));
    const [encoded] = await encode(codecs, [large]);
    expect(encoded!.data!.length).toBeLessThan(1000);
    expect((await decode(codecs, [encoded!])).map(plain)).toEqual([plain(large)]);
  });

  test('what fits Temporal still fits it encrypted', async () => {
    const [encoded] = await encode(codecs, [payload(randomBytes(maximumEncodedBytes))]);
    const size = proto.temporal.api.common.v1.Payload.encode(encoded!).finish().length;
    expect(size).toBeLessThan(maximumEncodedBytes + 1000);
  });
});

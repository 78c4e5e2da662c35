import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { PayloadKeys } from './payload-keys.ts';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

const encoding = 'binary/encrypted';
const encodingBytes = Buffer.from(encoding);
const cipherName = 'aes-256-gcm';
const cipherBytes = Buffer.from('AES-256-GCM');
const ivBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM round a whole payload: `data` is the IV (12 random bytes, new for each), the encrypted payload message and
 * the tag (16). Metadata `encryption-key-id` names the key, and is authenticated with the encoding. What is not encrypted
 * is read as it is.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: PayloadKeys;

  constructor(keys: PayloadKeys) {
    this.#keys = keys;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const { encrypting, byId } = this.#keys;
    if (encrypting === null) return payloads;
    return payloads.map((payload) => encrypt(payload, encrypting, byId.get(encrypting)!));
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const id = keyIdOf(payload);
      if (id === null) return payload;
      const key = this.#keys.byId.get(id);
      if (!key)
        throw undecodable(
          `a payload is encrypted with key ${JSON.stringify(id)}, which is not in PAYLOAD_KEYS`,
        );
      return decrypt(payload.data ?? Buffer.alloc(0), id, key);
    });
  }
}

/** Of the key it is encrypted with; null where it is not encrypted. */
export function keyIdOf({ metadata }: Payload): string | null {
  const own = metadata?.['encoding'];
  if (own == null || Buffer.compare(own, encodingBytes) !== 0) return null;
  return Buffer.from(metadata?.['encryption-key-id'] ?? [])
    .toString()
    .slice(0, 64);
}

function encrypt(payload: Payload, id: string, key: KeyObject): Payload {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(cipherName, key, iv).setAAD(authenticated(id));
  const whole = PayloadMessage.encode(payload).finish();
  return {
    metadata: {
      encoding: encodingBytes,
      'encryption-cipher': cipherBytes,
      'encryption-key-id': Buffer.from(id),
    },
    data: Buffer.concat([iv, cipher.update(whole), cipher.final(), cipher.getAuthTag()]),
  };
}

function decrypt(data: Uint8Array, id: string, key: KeyObject): Payload {
  const iv = data.subarray(0, ivBytes);
  const tag = data.subarray(-tagBytes);
  try {
    const cipher = createDecipheriv(cipherName, key, iv, { authTagLength: tagBytes })
      .setAAD(authenticated(id))
      .setAuthTag(tag);
    const whole = [cipher.update(data.subarray(ivBytes, -tagBytes)), cipher.final()];
    return PayloadMessage.decode(Buffer.concat(whole));
  } catch {
    throw undecodable(
      `a payload is not what key "${id}" encrypted: it is damaged, or another key has this id`,
    );
  }
}

const authenticated = (id: string): Buffer => Buffer.from(`${encoding}\0${id}`);

/** As an activity's failure it waits for a worker that has the key; no event is given up for it. */
const undecodable = (message: string): ApplicationFailure =>
  ApplicationFailure.create({ message, type: 'unavailable' });

/** Thrown by a client that decodes: the key is missing here, or is another. */
export const isUndecodable = (error: unknown): error is ApplicationFailure =>
  error instanceof ApplicationFailure && error.type === 'unavailable';

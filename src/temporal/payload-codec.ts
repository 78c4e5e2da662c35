import { constants } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

const PayloadMessage = proto.temporal.api.common.v1.Payload;
const compress = promisify(gzip);
const decompress = promisify(gunzip);

const encoding = 'binary/gzip';
const encodingBytes = Buffer.from(encoding);

/** Bytes of a payload from which it is compressed. Below it the Web UI and the CLI show it without a codec server, unless it is encrypted. */
const compressFrom = 2048;

/** Temporal refuses payloads of 2 MB; the rest is left to what travels beside the event. */
export const maximumEncodedBytes = 1.5 * 1024 * 1024;

/** Compresses what is large and gets smaller by it; everything else passes as it is, both ways. */
export class GzipCodec implements PayloadCodec {
  readonly #maxOutputLength: number;

  /** Bytes that one payload may become when it is read; where others than Tandem's own processes ask. */
  constructor(maxOutputLength = constants.MAX_LENGTH) {
    this.#maxOutputLength = maxOutputLength;
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(
      payloads.map(async (payload) => {
        const whole = PayloadMessage.encode(payload).finish();
        if (whole.length < compressFrom || isShown(payload)) return payload;
        const data = await compress(whole);
        return data.length < whole.length ? { metadata: { encoding: encodingBytes }, data } : payload;
      }),
    );
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(
      payloads.map(async (payload) => {
        const own = payload.metadata?.['encoding'];
        if (!own || Buffer.compare(own, encodingBytes) !== 0 || !payload.data) return payload;
        return PayloadMessage.decode(
          await decompress(payload.data, { maxOutputLength: this.#maxOutputLength }),
        );
      }),
    );
  }
}

/** The answer of `__temporal_workflow_metadata` begins so. The Web UI shows current details from it, and it is never stored. */
const metadataBytes = Buffer.from('{"definition":{"type":');

const isShown = ({ data }: Payload): boolean =>
  data != null && metadataBytes.equals(data.subarray(0, metadataBytes.length));

/** Bytes a value takes as a workflow argument. */
export async function encodedSize(value: unknown): Promise<number> {
  const payload = defaultPayloadConverter.toPayload(value);
  const [encoded] = await new GzipCodec().encode([payload]);
  return encoded ? PayloadMessage.encode(encoded).finish().length : 0;
}

/** Whether a value may be given to a workflow; one that is too large would be retried for ever. */
export async function fitsTemporal(value: unknown): Promise<boolean> {
  return (await encodedSize(value)) <= maximumEncodedBytes;
}

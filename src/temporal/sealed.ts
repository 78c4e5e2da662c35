import type { LoadedDataConverter } from '@temporalio/common';
import { encodeToPayload } from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import { keyIdOf } from './encryption-codec.ts';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

/** For what leaves Temporal: the value, or where payloads are encrypted its payload's JSON, as a codec server takes it. */
export async function sealed(converter: LoadedDataConverter, value: unknown): Promise<unknown> {
  const payload = await encodeToPayload(converter, value);
  if (keyIdOf(payload) === null) return value;
  return PayloadMessage.toObject(PayloadMessage.create(payload), { bytes: String });
}

import type { LoadedDataConverter } from '@temporalio/common';
import {
  decodeFromPayloadsAtIndex,
  encodeToPayload,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import type { DeadLetterMessage } from './dead-letter-record.ts';
import { keyIdOf } from './encryption-codec.ts';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

/** Fields of a message of the dead-letter topic that may hold values of a row; of its headers all may. */
const fields = ['original_event', 'reason'];

/** A message as it goes to the topic: where payloads are encrypted, what may hold values is a payload's JSON, as a codec server takes it. */
export async function sealedMessage(
  converter: LoadedDataConverter,
  { key, value, headers }: DeadLetterMessage,
): Promise<DeadLetterMessage> {
  const seal = (held: unknown) => sealed(converter, held);
  return { key, value: await changed(value, fields, seal), headers: await changedHeaders(headers, seal) };
}

/** The message again. What is not sealed, or cannot be parsed, is left to who reads it. */
export async function openedMessage(
  converter: LoadedDataConverter,
  { value, headers }: { value: Buffer | null; headers: Readonly<Record<string, string>> },
): Promise<{ value: Buffer | null; headers: Record<string, string> }> {
  const open = (held: unknown) => opened(converter, held);
  return {
    value: value && Buffer.from(await changed(value.toString(), fields, open)),
    headers: await changedHeaders(headers, open),
  };
}

type Change = (held: unknown) => Promise<unknown>;

async function changed(json: string, names: readonly string[], change: Change): Promise<string> {
  const told = parsed(json);
  if (typeof told !== 'object' || told === null) return json;
  const entries = Object.entries(told).map(async ([name, held]): Promise<[string, unknown]> => [
    name,
    held !== null && names.includes(name) ? await change(held) : held,
  ]);
  return JSON.stringify(Object.fromEntries(await Promise.all(entries)));
}

async function changedHeaders(headers: Readonly<Record<string, string>>, change: Change) {
  const entries = Object.entries(headers).map(async ([name, json]): Promise<[string, string]> => {
    const told = parsed(json);
    return [name, told === undefined ? json : JSON.stringify(await change(told))];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

async function sealed(converter: LoadedDataConverter, held: unknown): Promise<unknown> {
  const payload = await encodeToPayload(converter, held);
  if (keyIdOf(payload) === null) return held;
  return PayloadMessage.toObject(PayloadMessage.create(payload), { bytes: String });
}

async function opened(converter: LoadedDataConverter, held: unknown): Promise<unknown> {
  if (typeof held !== 'object' || held === null || !('metadata' in held)) return held;
  const payload = PayloadMessage.fromObject(held);
  return keyIdOf(payload) === null ? held : decodeFromPayloadsAtIndex(converter, 0, [payload]);
}

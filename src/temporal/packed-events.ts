import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import type { ChangeEvent } from '../change/event.ts';
import { upcast } from '../change/upcast.ts';
import type { StoredEvent } from '../change/upcast.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/**
 * Events as one text: gzip of their JSON in base64. A batch passes through its workflow, to its activity and into history
 * without being parsed, written anew and compressed at every step.
 */
export async function packEvents(events: readonly ChangeEvent[]): Promise<string> {
  const packed = await compress(JSON.stringify(events), { level: constants.Z_BEST_SPEED });
  return packed.toString('base64');
}

/** Batches of the first builds carry their events as they are. Throws `schema` as `upcast` does. */
export async function unpackEvents(packed: string | StoredEvent[]): Promise<ChangeEvent[]> {
  const stored = typeof packed === 'string' ? await unpack(packed) : packed;
  return stored.map((event) => upcast(event));
}

async function unpack(packed: string): Promise<StoredEvent[]> {
  const json = await decompress(Buffer.from(packed, 'base64'));
  return JSON.parse(json.toString('utf8')) as StoredEvent[];
}

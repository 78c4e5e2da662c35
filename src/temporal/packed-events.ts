import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import type { ChangeEvent } from '../change/event.ts';

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

export async function unpackEvents(packed: string): Promise<ChangeEvent[]> {
  const json = await decompress(Buffer.from(packed, 'base64'));
  return JSON.parse(json.toString('utf8')) as ChangeEvent[];
}

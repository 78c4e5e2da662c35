import { SyncError } from '../errors/sync-error.ts';
import type { SyncInput } from '../temporal/messages.ts';
import { fitsTemporal } from '../temporal/payload-codec.ts';

/** Why Temporal cannot hold it; null where it can. */
export async function holdRefusal(input: SyncInput): Promise<unknown> {
  try {
    if (await fitsTemporal(input)) return null;
    return new SyncError('data', 'the event is larger than Temporal holds; its record is kept', {
      code: 'too_large',
    });
  } catch (error) {
    return error;
  }
}

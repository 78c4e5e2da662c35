import type { ProcessedCount } from '../../database/count-processed.ts';
import type { AskedSide } from './servers.ts';
import { told } from './told.ts';
import type { Told } from './told.ts';

/** What was brought to an end in the last minute, by the side whose ledger tells; a side nothing flows to has none. */
export async function lookAtLedgers(
  sides: ReadonlyMap<string, AskedSide>,
  pipeline: string,
): Promise<ReadonlyMap<string, Told<readonly ProcessedCount[]>>> {
  const targets = [...sides].filter(([, { settings }]) => settings.isTarget);
  const counts = targets.map(async ([side, { database }]) => {
    const processed = await told(`database ${side}`, () => database.countProcessed(pipeline));
    return [side, processed] as const;
  });
  return new Map(await Promise.all(counts));
}

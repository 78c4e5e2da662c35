import type { ConnectRest, PartOffset } from './connect-rest.ts';

/** How Debezium counts what it has read of the transaction it is in: its events, and rows of the event after them. */
const inside = ['event', 'row'];

/** The beginning of the transaction each offset lies in; only those that do. */
export const beginnings = (offsets: readonly PartOffset[]): PartOffset[] =>
  offsets
    .filter(({ offset }) => inside.some((name) => offset[name] !== undefined && offset[name] !== 0))
    .map(({ partition, offset }) => ({
      partition,
      offset: Object.fromEntries(Object.entries(offset).filter(([name]) => !inside.includes(name))),
    }));

/**
 * Stops a connector, and has it begin with whole transactions when it goes on. Another server may have written the one it was in
 * with other events, and counting them would pass over changes; one that comes twice changes nothing.
 */
export async function stopBetweenTransactions(
  rest: Pick<ConnectRest, 'stop' | 'partOffsets' | 'alterOffsets'>,
  name: string,
  ended: () => Promise<void>,
): Promise<void> {
  await rest.stop(name);
  await ended();
  const offsets = beginnings(await rest.partOffsets(name));
  if (offsets.length > 0) await rest.alterOffsets(name, offsets);
}

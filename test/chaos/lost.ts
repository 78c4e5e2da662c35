import type { JournaledWrite } from './journal.ts';
import { lineages, outranks, told } from './lineage.ts';
import type { Lineage } from './lineage.ts';
import type { Snapshot } from './rows.ts';
import { sides } from './words.ts';
import type { Side } from './words.ts';

const newestOf = (writes: readonly JournaledWrite[]): JournaledWrite | undefined =>
  writes.reduce<JournaledWrite | undefined>(
    (best, write) => (best === undefined || outranks(write, best) ? write : best),
    undefined,
  );

/** Why the end of a row is not what the newest acknowledged write says; undefined where it is. */
function judge({ writes, live, entity }: Lineage): string | undefined {
  const newest = newestOf(writes.filter(({ ending }) => ending === 'acknowledged'));
  if (newest === undefined) return undefined;
  const unknown = writes.filter((write) => write.ending === 'unknown' && outranks(write, newest));
  const accepted = [newest, ...unknown];
  if (live.length === 0)
    return accepted.some(({ kind }) => kind === 'delete')
      ? undefined
      : `${told(newest)}, but there is no row`;
  for (const { side, row } of live) {
    const maker = accepted.find(({ clock, kind }) => clock === row.clock && kind !== 'delete');
    const end = `${entity} ${side}:${row.key} ends at ${row.clock} saying ${row.values['text'] ?? 'nothing'}`;
    if (maker === undefined) return `${told(newest)}, but ${end}`;
    if (maker.text !== null && maker.text !== row.values['text']) return `${told(maker)}, but ${end}`;
  }
  return undefined;
}

/** Acknowledged writes that are neither what the row says in the end nor beaten by a newer version. */
export const lostWrites = (
  writes: readonly JournaledWrite[],
  both: Readonly<Record<Side, Snapshot>>,
): string[] => lineages(writes, both).flatMap((lineage) => judge(lineage) ?? []);

/**
 * Acknowledged edits that nobody wrote over, that are not the row in the end, and of which no conflict tells. An edit
 * that its own side wrote over is not discarded: the version after it carries it on.
 */
export function unrecordedDiscards(
  writes: readonly JournaledWrite[],
  both: Readonly<Record<Side, Snapshot>>,
): string[] {
  const recorded = new Set(
    sides.flatMap((side) =>
      both[side].conflicts.flatMap(({ entity, incomingClock, existingClock }) => [
        `${entity} ${incomingClock}`,
        `${entity} ${existingClock}`,
      ]),
    ),
  );
  return lineages(writes, both).flatMap((lineage) => {
    const newest = newestOf(lineage.writes);
    const overwritten = new Set(lineage.writes.map(({ base }) => base));
    for (const { row } of lineage.live) overwritten.add(row.clock);
    return lineage.writes
      .filter(({ ending, kind }) => ending === 'acknowledged' && kind === 'update')
      .filter((write) => write !== newest && write.oldKey === undefined && !overwritten.has(write.clock))
      .filter(({ entity, clock }) => !recorded.has(`${entity} ${clock}`))
      .map((write) => `${told(write)} was beaten by ${told(newest!)}, and no conflict tells of it`);
  });
}

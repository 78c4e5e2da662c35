import type { JournaledWrite } from './journal.ts';
import { lineages, told } from './lineage.ts';
import type { Lineage } from './lineage.ts';
import type { Snapshot } from './rows.ts';
import { otherSide, sides } from './words.ts';
import type { Side } from './words.ts';

/** Where tables keep no row clock, the side whose edit stands when two meet. */
export const winner: Side = 'legacy';

/** What a row may have come to by one side's writes: the newest acknowledged one, or one of unknown end after it. */
function lastOf(writes: readonly JournaledWrite[]): JournaledWrite[] {
  const sorted = writes.toSorted((a, b) => Number(a.clock - b.clock));
  const newest = sorted.findLastIndex(({ ending }) => ending === 'acknowledged');
  return sorted.slice(Math.max(newest, 0));
}

/**
 * Whether a write of the other side was made in the knowledge of one of the winner's: the row it was made upon came from
 * there, through no other. `perhaps`: that side had deleted its row itself, and one absence looks like another.
 */
function knew(
  write: JournaledWrite,
  of: JournaledWrite,
  own: readonly JournaledWrite[],
): 'yes' | 'no' | 'perhaps' {
  const earlier = own
    .filter(({ clock }) => clock < write.clock)
    .toSorted((a, b) => Number(b.clock - a.clock));
  if (write.was === of.text && of.clock < write.clock)
    return write.was === null && earlier[0]?.kind === 'delete' ? 'perhaps' : 'yes';
  const before = earlier.find(({ text }) => text === write.was);
  return before === undefined ? 'no' : knew(before, of, own);
}

/** What the row may say in the end: the winner's last write, unless the other side's was made in its knowledge. */
function rightful({ writes }: Lineage): JournaledWrite[] {
  // What left the text alone is no edit to whoever goes by what a row says.
  const edits = writes.filter(({ kind, text, was }) => kind !== 'update' || text !== was);
  const winners = lastOf(edits.filter(({ side }) => side === winner));
  const own = edits.filter(({ side }) => side === otherSide[winner]);
  const others = lastOf(own);
  if (winners.length === 0) return others;
  if (others.length === 0) return winners;
  return winners.flatMap((first) =>
    others.flatMap(
      (second) => ({ yes: [second], no: [first], perhaps: [first, second] })[knew(second, first, own)],
    ),
  );
}

/** The writes of a row in the order of each side's, for people. */
const story = ({ writes }: Lineage): string =>
  writes
    .toSorted((a, b) => Number(a.clock - b.clock))
    .map((write) => `\n  ${told(write)}, ${write.was === null ? 'on nothing' : `over ${write.was}`}`)
    .join('');

function judge(lineage: Lineage): string | undefined {
  const ends = rightful(lineage);
  const acknowledged = lineage.writes.some(({ ending }) => ending === 'acknowledged');
  if (!acknowledged) return undefined;
  const should = ends.map(told).join(' or ');
  if (lineage.live.length === 0)
    return ends.some(({ kind }) => kind === 'delete')
      ? undefined
      : `${should}, but there is no row${story(lineage)}`;
  const wrong = lineage.live.find(
    ({ row }) => !ends.some(({ kind, text }) => kind !== 'delete' && text === (row.values['text'] ?? null)),
  );
  return (
    wrong &&
    `${should}, but ${lineage.entity} ${wrong.side}:${wrong.row.key} says ${wrong.row.values['text'] ?? 'nothing'}${story(lineage)}`
  );
}

/** As `lostWrites`, for tables without row clocks. */
export const lostWithoutClocks = (
  writes: readonly JournaledWrite[],
  both: Readonly<Record<Side, Snapshot>>,
): string[] => lineages(writes, both).flatMap((lineage) => judge(lineage) ?? []);

/** As `unrecordedDiscards`, for tables without row clocks: by what the rows say. */
export function unrecordedWithoutClocks(
  writes: readonly JournaledWrite[],
  both: Readonly<Record<Side, Snapshot>>,
): string[] {
  const recorded = sides.flatMap((side) => both[side].conflicts.map(({ rows }) => rows)).join('\n');
  return lineages(writes, both).flatMap((lineage) => {
    const kept = new Set(lineage.writes.map(({ was }) => was));
    for (const { row } of lineage.live) kept.add(row.values['text'] ?? null);
    return lineage.writes
      .filter(({ ending, kind, text }) => ending === 'acknowledged' && kind === 'update' && text !== null)
      .filter(({ text }) => !kept.has(text) && !recorded.includes(text!))
      .map((write) => `${told(write)} was beaten, and no conflict tells of it${story(lineage)}`);
  });
}

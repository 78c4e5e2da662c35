import type { Finding, Unpaired } from './verify.ts';

/**
 * Rows without a partner that are each other's: their mapping is lost. Only where one row of either side has a fingerprint; of
 * more nobody can tell which is whose.
 */
export function matchUnpaired(unpaired: readonly Unpaired[]): { matched: Finding[]; alone: Finding[] } {
  const groups = new Map<string, Unpaired[]>();
  for (const each of unpaired)
    if (each.fingerprint !== null)
      groups.set(each.fingerprint, [...(groups.get(each.fingerprint) ?? []), each]);
  const matched: Finding[] = [];
  const taken = new Set<Unpaired>();
  for (const group of groups.values()) {
    const [one, another] = group;
    if (group.length !== 2 || !one || !another || one.finding.side === another.finding.side) continue;
    const key = one.finding.key ?? another.finding.key;
    const other = one.finding.other ?? another.finding.other;
    const { first } = one.finding;
    matched.push({ kind: 'unmapped', side: null, key, other, first, columns: [], look: '' });
    taken.add(one).add(another);
  }
  return { matched, alone: unpaired.filter((each) => !taken.has(each)).map(({ finding }) => finding) };
}

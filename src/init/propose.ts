import { parentsFirst } from '../pipeline/reference-order.ts';
import { breakCycle } from './break-cycle.ts';
import { pairTables } from './pair-tables.ts';
import { proposeColumns, unmappedNotes } from './propose-columns.ts';
import { proposeKey, proposeMatch } from './propose-key.ts';
import type { Candidate, EntityProposal, LiveSide, Note, Proposal, TablePair } from './proposal.ts';

/** An entity's name after its table's, in what names of entities may hold; others of that name are told apart by a number. */
function entityName(table: string, taken: ReadonlySet<string>): string {
  const plain = table
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 46);
  const name = plain === '' ? 'rows' : plain;
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
  return free;
}

/** What a pipeline between two databases may be: everything it is not sure of is said. Changes nothing. */
export function propose(name: string, sides: readonly [LiveSide, LiveSide]): Proposal {
  const [from, to] = sides;
  const leftOut: Note[] = [];
  const leave = ({ from: table, to: other }: TablePair, text: string) =>
    leftOut.push({ side: from.name, place: `${table.name} ↔ ${other.name}`, text, blocks: false });
  const pairs = pairTables(from, to);
  const candidates: Candidate[] = [];
  for (const pair of pairs) {
    const key = proposeKey(pair);
    if (typeof key === 'string') leave(pair, key);
    else {
      const taken = new Set(candidates.map((each) => each.name));
      candidates.push({ name: entityName(pair.from.name, taken), pair, key, cut: new Set() });
    }
  }
  const entities = settle(candidates, sides, leave);
  for (const [side, paired] of [
    [from, new Set(pairs.map((pair) => pair.from))],
    [to, new Set(pairs.map((pair) => pair.to))],
  ] as const)
    for (const table of side.tables)
      if (!paired.has(table))
        leftOut.push({
          side: side.name,
          place: table.name,
          text: 'no table of the other side is like it',
          blocks: false,
        });
  return { name, sides, entities, leftOut };
}

/** Leaves out what cannot be brought over, until what remains can. */
function settle(
  first: readonly Candidate[],
  sides: Proposal['sides'],
  leave: (pair: TablePair, text: string) => void,
): EntityProposal[] {
  let candidates = first;
  const drop = ({ pair }: Candidate, text: string) => {
    candidates = candidates.filter((each) => each.pair !== pair);
    leave(pair, text);
  };
  for (;;) {
    const built = candidates.map((candidate) => ({
      candidate,
      ...proposeColumns(candidate, candidates, sides),
    }));
    const refused = built.find(({ refusal }) => refusal !== null);
    if (refused) {
      drop(refused.candidate, refused.refusal!);
      continue;
    }
    const cycle = breakCycle(built);
    if (cycle) {
      if ('cut' in cycle)
        candidates = candidates.map((each) =>
          each === cycle.candidate ? { ...each, cut: new Set([...each.cut, cycle.cut]) } : each,
        );
      else for (const each of cycle.stuck) drop(each, cycle.reason);
      continue;
    }
    const entities = built.map(({ candidate: { name, pair, key }, columns, notes }): EntityProposal => ({
      ...pair,
      name,
      key,
      columns,
      matchOn: key.strategy === 'generated' ? proposeMatch(pair, columns) : null,
      notes: [...notes, ...unmappedNotes(pair, columns, key, sides)],
    }));
    return inOrder(entities);
  }
}

function inOrder(entities: readonly EntityProposal[]): EntityProposal[] {
  const parents = new Map(
    entities.map(({ name, columns }) => [
      name,
      new Set(columns.flatMap(({ references }) => (references === null ? [] : [references]))),
    ]),
  );
  return parentsFirst(parents).map((name) => entities.find((each) => each.name === name)!);
}

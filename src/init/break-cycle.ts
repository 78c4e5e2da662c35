import type { Candidate, ColumnProposal } from './proposal.ts';

interface Built {
  candidate: Candidate;
  columns: readonly ColumnProposal[];
}

/** `cut`: a column that may be left empty, so that one row can come first; otherwise none of `stuck` can. */
export type Cycle = { candidate: Candidate; cut: string } | { stuck: readonly Candidate[]; reason: string };

/** Where references lead in a circle, what ends it; null where none does. */
export function breakCycle(built: readonly Built[]): Cycle | null {
  const byName = new Map(built.map((each) => [each.candidate.name, each]));
  const circle = findCircle(byName);
  if (circle === null) return null;
  for (const [at, name] of circle.entries()) {
    const { candidate, columns } = byName.get(name)!;
    const next = circle[(at + 1) % circle.length]!;
    const { from, to } = candidate.pair;
    const free = columns.find(
      (pair) =>
        pair.references === next &&
        from.columns.get(pair.from)!.nullable &&
        to.columns.get(pair.to)!.nullable,
    );
    if (free) return { candidate, cut: free.from };
  }
  return {
    stuck: circle.map((name) => byName.get(name)!.candidate),
    reason: `their rows need each other (${[...circle, circle[0]].join(' → ')}): none can be the first`,
  };
}

function findCircle(byName: ReadonlyMap<string, Built>): string[] | null {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | null => {
    if (path.includes(name)) return path.slice(path.indexOf(name));
    if (done.has(name)) return null;
    for (const { references } of byName.get(name)!.columns) {
      const found = references === null || references === name ? null : visit(references, [...path, name]);
      if (found) return found;
    }
    done.add(name);
    return null;
  };
  for (const name of byName.keys()) {
    const found = visit(name, []);
    if (found) return found;
  }
  return null;
}

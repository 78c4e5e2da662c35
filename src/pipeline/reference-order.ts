/**
 * Entity names with every parent before its children.
 * Throws naming the entities of a cycle; a row that refers to its own entity is no cycle.
 */
export function parentsFirst(parentsOf: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const ordered: string[] = [];
  const visit = (entity: string, path: readonly string[]): void => {
    if (ordered.includes(entity)) return;
    if (path.includes(entity)) throw new Error(`references form a cycle: ${[...path, entity].join(' → ')}`);
    for (const parent of parentsOf.get(entity) ?? []) if (parent !== entity) visit(parent, [...path, entity]);
    ordered.push(entity);
  };
  for (const entity of parentsOf.keys()) visit(entity, []);
  return ordered;
}

import type { Proposal } from '../../init/proposal.ts';

/** What was found, for a person: entity by entity, then what is in none. */
export function proposalText({ entities, leftOut }: Proposal): string {
  const lines = entities.flatMap((entity) => {
    const { name, confidence, from, to, columns, key, matchOn, notes } = entity;
    const same = matchOn ? `the same by ${matchOn.columns.join(', ')}` : key.reason;
    return [
      `${confidence.toFixed(2)}  ${name}: ${from.name} ↔ ${to.name}, ${columns.length} columns, ${same}`,
      ...notes
        .filter(({ blocks }) => blocks)
        .map(({ side, place, text }) => `      TODO ${side}: ${place}: ${text}`),
    ];
  });
  const out = leftOut.map(({ side, place, text }) => `      ${side}: ${place}: ${text}`);
  return [...lines, ...(out.length > 0 ? ['in no entity:', ...out] : [])].join('\n');
}

/** The same for a program. */
export const proposalJson = ({ name, sides, entities, leftOut }: Proposal) => ({
  name,
  sides: sides.map((side) => ({ name: side.name, engine: side.engine, tables: side.tables.length })),
  entities: entities.map(({ name: entity, from, to, confidence, reason, columns, key, matchOn, notes }) => ({
    name: entity,
    tables: [from.name, to.name],
    confidence,
    reason,
    columns: columns.map((column) => ({
      from: column.from,
      to: column.to,
      confidence: column.confidence,
      reason: column.reason,
      codec: column.values.codec?.type ?? null,
      references: column.references,
    })),
    key,
    match_on: matchOn,
    notes,
  })),
  left_out: leftOut,
});

import type { EntityDefinition } from './define.ts';

const oneWayPolicies = new Set(['source_wins', 'target_wins']);
const sideless = new Set(['last_write_wins', 'merge_columns', 'manual']);

/** Whether the entity's policy can hold what it promises; says what to declare instead. */
export function checkConflicts(entity: EntityDefinition, say: (problem: string) => void): void {
  const policy = entity.conflicts;
  const sides = Object.keys(entity.tables);
  const oneWay = entity.direction === 'one_way';
  if (!oneWay && entity.clock === null && !policy?.startsWith('side:'))
    return say(
      `clock: null leaves nothing to tell which of two edits is the later: declare conflicts: side:${sides[0]} or side:${sides[1]}`,
    );
  if (policy === undefined) return;
  if (oneWay !== oneWayPolicies.has(policy))
    return say(
      oneWay
        ? `conflicts: ${policy} does not fit a one_way entity, whose target knows no versions: use source_wins or target_wins`
        : `conflicts: ${policy} does not fit a two_way entity, whose sides would each end with the other's row: use side:${sides[0]} or side:${sides[1]}`,
    );
  if (oneWay || sideless.has(policy)) return;
  if (!policy.startsWith('side:')) return say(`conflicts: ${policy} is no policy`);
  if (!sides.includes(policy.slice('side:'.length)))
    say(`conflicts: ${policy} names no side of the entity: its sides are ${sides.join(' and ')}`);
}

import { isNewer } from '../../../src/apply/version.ts';
import type { Version } from '../../../src/database/contract.ts';
import { winnerOf } from './knowledge.ts';
import { groupsOf, partnersOf } from './pairs.ts';
import { columns, otherSide, referenceOf, sides, simulated } from './schema.ts';
import type { EntityName, Side } from './schema.ts';
import type { World } from './world.ts';

/** What does not hold when writes have stopped and nothing is in flight; empty: all does. */
export function problemsOf(world: World): string[] {
  const entities = simulated.entities as readonly EntityName[];
  return [
    ...entities.flatMap((entity) => sides.flatMap((side) => [...differing(world, entity, side)])),
    ...entities.filter((entity) => isClocked(entity)).flatMap((entity) => [...overruled(world, entity)]),
    ...entities.flatMap((entity) => [...unknown(world, entity)]),
    ...unprocessed(world),
  ];
}

const isClocked = (entity: EntityName) => simulated.route(entity, 'left')!.source.clock !== null;

/** Each row has one partner, the partner has it, and the two agree on every mapped column and on the version. */
function* differing(world: World, entity: EntityName, side: Side): Generator<string> {
  const other = otherSide[side];
  for (const [key, row] of world.databases[side].rows(entity)) {
    const name = `${entity} ${side}:${key}`;
    const live = [...partnersOf(world, entity, side, key)];
    const [partner] = live;
    if (live.length !== 1) yield `${name} has ${live.length} partners: ${live.join(', ') || 'none'}`;
    const there = partner === undefined ? undefined : world.databases[other].rows(entity).get(partner);
    if (!there) {
      yield `${name} is not on ${other}`;
      continue;
    }
    const back = [...partnersOf(world, entity, other, partner!)];
    if (back.length !== 1 || back[0] !== key)
      yield `${name} is ${other}:${partner}, which is ${back.join(', ')}`;
    if (row.clock !== there.clock && isClocked(entity))
      yield `${name} is version ${row.clock}, on ${other} ${there.clock}`;
    const here = columns[side];
    const far = columns[other];
    if (row.values[here.text] !== there.values[far.text] || row.values[here.code] !== there.values[far.code])
      yield `${name} is ${JSON.stringify(row.values)}, on ${other} ${JSON.stringify(there.values)}`;
    const [reference, farReference] = [referenceOf(entity, side), referenceOf(entity, other)];
    if (!reference || !farReference) continue;
    const parents = partnersOf(world, reference.entity, side, String(row.values[reference.column]));
    if (!parents.has(String(there.values[farReference.column])))
      yield `${name} has another parent on ${other}`;
  }
}

/** Without row clocks: what stands was written in the knowledge of the winning side's last write. */
function* unknown({ settings, databases, knowledge }: World, entity: EntityName): Generator<string> {
  const winner = winnerOf(entity);
  if (!winner || !settings.distinct) return;
  for (const [key, { values }] of databases[winner].rows(entity)) {
    const text = String(values[columns[winner].text]);
    if (!knowledge.isKnown(entity, key, text))
      yield `${entity} ${winner}:${key} ends as ${text}, which was written without the winner's last write in sight`;
  }
}

/**
 * Of all versions the apps made of a row, the greatest stands, be it a row or a delete. Rows whose key was changed are
 * left out: their versions run under two names.
 */
function* overruled(world: World, entity: EntityName): Generator<string> {
  const groupOf = groupsOf(world, entity);
  const greatest = new Map<string, Version & { gone: boolean; row: string }>();
  const moved = new Set<string>();
  for (const { side, table, key, op, before, after, otherKey } of world.appChanges) {
    if (table !== entity) continue;
    const group = groupOf(side, key);
    if (otherKey !== undefined) moved.add(group).add(groupOf(side, otherKey));
    const version = { clock: after ? after.clock! : before!.clock! + 1n, side };
    const held = greatest.get(group);
    if (!held || isNewer(version, held, 'left'))
      greatest.set(group, { ...version, gone: op === 'd', row: `${entity} ${side}:${key}` });
  }
  const held = new Map<string, bigint | null>();
  for (const side of sides)
    for (const [key, { clock }] of world.databases[side].rows(entity)) held.set(groupOf(side, key), clock);
  for (const [group, { clock, gone, row }] of greatest) {
    if (moved.has(group)) continue;
    const stands = held.get(group);
    if (gone && stands !== undefined) yield `${row} was deleted at ${clock}, and is there at ${stands}`;
    if (!gone && stands === undefined) yield `${row} was written at ${clock}, and is gone`;
    if (!gone && stands !== undefined && stands !== clock)
      yield `${row} was written at ${clock}, and is ${stands}`;
  }
}

/** Every event has an outcome in its target's ledger, its effects ran, its conflict is recorded once. */
function* unprocessed(world: World): Generator<string> {
  const conflicts = new Map<string, (string | null)[]>();
  for (const side of sides)
    for (const { eventId, targetKey } of world.databases[side].conflicts)
      conflicts.set(eventId, [...(conflicts.get(eventId) ?? []), targetKey]);
  for (const [id, { source, operation, entity_type: entity, primary_key: key }] of world.started) {
    const name = `${operation} ${entity} ${source}:${key} [${id.slice(0, 8)}]`;
    const ledger = world.databases[otherSide[source as Side]].contents.processed.committed;
    const outcome = ledger.get(id)?.outcome;
    if (outcome === undefined) yield `${name} has no outcome`;
    if ((outcome === 'applied' || outcome === 'conflict_applied') && !world.effects.has(id))
      yield `${name} is ${outcome}, and its effects did not run`;
    // An exchange of unique values overwrites several rows.
    const recorded = conflicts.get(id) ?? [];
    if (new Set(recorded).size < recorded.length)
      yield `${name} is recorded as a conflict ${recorded.length} times`;
    if (outcome?.startsWith('conflict') && recorded.length === 0)
      yield `${name} is ${outcome}, and no conflict is recorded`;
  }
}

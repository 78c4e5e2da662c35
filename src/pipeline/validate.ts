import { z } from 'zod';
import { checkColumnGroups } from './column-groups.ts';
import { columnKind } from './columns.ts';
import type { EntityDefinition, PipelineDefinition, TableDefinition, ValueCodec } from './define.ts';
import { checkEndpoints } from './endpoints.ts';
import { checkStamps, stampedColumns } from './validate-stamps.ts';
import { checkConflicts } from './validate-conflicts.ts';

const namePattern = /^[a-z][a-z0-9_]{0,49}$/;

/** Everything wrong with a definition that shows without a database; empty when it is sound. */
export function problemsOf(definition: PipelineDefinition): string[] {
  const problems: string[] = [];
  const say = (place: string, problem: string) => problems.push(`${place}: ${problem}`);
  if (!namePattern.test(definition.name)) say('name', `must match ${namePattern.source}`);
  for (const side of Object.keys(definition.sides))
    if (!namePattern.test(side)) say(`side ${side}`, `name must match ${namePattern.source}`);
  for (const [name, entity] of Object.entries(definition.entities)) {
    if (!namePattern.test(name)) say(`entity ${name}`, `name must match ${namePattern.source}`);
    checkEntity(definition, entity, (problem) => say(`entity ${name}`, problem));
  }
  for (const effect of definition.effects ?? []) {
    const entity = definition.entities[effect.entity];
    if (entity === undefined) say(`effect ${effect.name}`, `follows an unknown entity ${effect.entity}`);
    else if ('topic' in effect && entity.direction !== 'one_way')
      say(
        `effect ${effect.name}`,
        `publishes ${effect.entity}, which is not one_way: its sides are not in one order`,
      );
  }
  checkEndpoints(definition.endpoints ?? [], say);
  return problems;
}

function checkEntity(
  { sides, entities }: PipelineDefinition,
  entity: EntityDefinition,
  say: (problem: string) => void,
): void {
  const tables = Object.entries(entity.tables);
  if (tables.length !== 2) return say('must have a table on exactly two sides');
  for (const [at, [side, table]] of tables.entries()) {
    if (!(side in sides)) say(`side ${side} is not defined`);
    else if (sides[side]!.polling && (entity.direction !== 'one_way' || at > 0))
      say(`side ${side} is polled: rows can only come from it, direction: one_way with it as the first side`);
    checkTable(table, say);
  }
  const [first, second] = tables.map(([, table]) => table) as [TableDefinition, TableDefinition];
  const mappedTo = new Set<string>();
  for (const [from, mapped] of Object.entries(entity.columns)) {
    const [to, codec] = typeof mapped === 'string' ? [mapped, null] : mapped;
    if (!(from in first.columns)) say(`column ${from} is not declared in ${first.name}`);
    if (!(to in second.columns)) say(`column ${to} is not declared in ${second.name}`);
    if (mappedTo.has(to)) say(`column ${to} of ${second.name} is mapped twice`);
    mappedTo.add(to);
    if (codec) checkCodec(codec, `${from} ↔ ${to}`, say);
  }
  checkUnmapped(first, new Set(Object.keys(entity.columns)), say);
  checkUnmapped(second, new Set([...mappedTo, ...stampedColumns(entity)]), say);
  for (const [column, parent] of Object.entries(entity.references ?? {})) {
    if (!(column in entity.columns)) say(`reference ${column} is not in the column map`);
    if (!(parent in entities)) say(`reference ${column} names an unknown entity ${parent}`);
    else if (!keysFollow(entities[parent]!) && tables.some(([side]) => !(side in entities[parent]!.tables)))
      say(`reference ${column}: ${parent} has no table on one of the sides`);
  }
  checkMatchOn(entity, say);
  checkConflicts(entity, say);
  checkColumnGroups(entity, say);
  checkStamps(entity, second, entities, say);
  if (entity.load === false && (entity.direction !== 'one_way' || !keysFollow(entity)))
    say('load: false is for one_way entities whose keys follow from the source: key same or uuid');
}

/** Whether the target key of a row follows from its source key, so that nobody has to look it up. */
const keysFollow = ({ key }: EntityDefinition) => key === 'same' || key === 'uuid';

function checkMatchOn(
  { matchOn, columns, direction, key = 'generated', conflicts = 'last_write_wins' }: EntityDefinition,
  say: (problem: string) => void,
): void {
  if (matchOn === undefined) return;
  if (matchOn.length === 0) say('matchOn names no column');
  for (const column of matchOn)
    if (!(column in columns)) say(`matchOn column ${column} is not in the column map`);
  if (direction === 'one_way') say('matchOn is for two-way entities');
  else if (conflicts !== 'last_write_wins') say('matchOn is for conflicts: last_write_wins');
  if (key !== 'generated')
    say(`matchOn needs generated keys: a key of strategy ${key} already says which row it is`);
}

function checkTable(table: TableDefinition, say: (problem: string) => void): void {
  if (table.name.split('.').length > 2) say(`table ${table.name} must be named table or schema.table`);
  for (const key of table.key)
    if (!(key in table.columns)) say(`key column ${key} is not declared in ${table.name}`);
  for (const [column, schema] of Object.entries(table.columns)) {
    try {
      columnKind(schema);
    } catch (error) {
      say(`column ${column} of ${table.name}: ${(error as Error).message}`);
    }
  }
}

function checkUnmapped(
  table: TableDefinition,
  mapped: ReadonlySet<string>,
  say: (problem: string) => void,
): void {
  for (const column of Object.keys(table.columns))
    if (!mapped.has(column) && !table.key.includes(column))
      say(`column ${column} of ${table.name} is declared but not mapped`);
}

/** A codec over labels is tried on each of them; over an open set only its being a codec can be told. */
function checkCodec(codec: ValueCodec, place: string, say: (problem: string) => void): void {
  if (!(codec instanceof z.ZodCodec)) return say(`codec of ${place} is not a zod codec`);
  const labelsIn = codec.def.in;
  if (!(labelsIn instanceof z.ZodEnum)) return;
  for (const label of labelsIn.options)
    try {
      if (z.encode(codec, z.decode(codec, label)) !== label) say(`codec of ${place} is not reversible`);
    } catch {
      say(`codec of ${place} refuses one of its own labels`);
    }
}

import { columnKind, isNullable } from './columns.ts';
import type { EntityDefinition, TableDefinition } from './define.ts';

const targetSide = ({ tables }: EntityDefinition) => Object.keys(tables)[1];
const times = new Set(['timestamp', 'timestamptz']);

/** The columns of the second side that its stamps write. */
export const stampedColumns = ({ stamps }: EntityDefinition): string[] =>
  [stamps?.deletedAt, stamps?.syncedAt, ...Object.keys(stamps?.constants ?? {})].filter(
    (name) => name !== undefined,
  );

/** What is wrong with the columns that Tandem is to write beside the mapped ones. */
export function checkStamps(
  entity: EntityDefinition,
  second: TableDefinition,
  entities: Readonly<Record<string, EntityDefinition>>,
  say: (problem: string) => void,
): void {
  const { stamps, direction, columns, references } = entity;
  if (stamps === undefined) return;
  if (direction !== 'one_way') return say('stamps are for one_way entities');
  const mapped = new Set(Object.values(columns).map((to) => (typeof to === 'string' ? to : to[0])));
  const names = stampedColumns(entity);
  for (const name of names) {
    if (!(name in second.columns)) say(`stamps: column ${name} is not declared in ${second.name}`);
    if (mapped.has(name) || second.key.includes(name)) say(`stamps: column ${name} is written already`);
    if (names.indexOf(name) !== names.lastIndexOf(name)) say(`stamps: column ${name} is named twice`);
  }
  const { deletedAt, syncedAt, constants = {} } = stamps;
  for (const name of [deletedAt, syncedAt]) {
    const schema = name === undefined ? undefined : second.columns[name];
    if (schema && !times.has(columnKind(schema))) say(`stamps: column ${name} must be a timestamp`);
    if (schema && name === deletedAt && !isNullable(schema))
      say(`stamps: column ${name} must be nullable: a row that is there has none`);
  }
  for (const [name, value] of Object.entries(constants))
    if (second.columns[name] && !second.columns[name].safeParse(value).success)
      say(`stamps: column ${name} does not take its constant`);
  if (deletedAt === undefined) return;
  const side = targetSide(entity);
  for (const name of new Set(Object.values(references ?? {}))) {
    const parent = entities[name];
    if (parent && targetSide(parent) === side && parent.stamps?.deletedAt === undefined)
      say(`stamps: deletedAt keeps rows that refer to ${name}, whose rows go: ${name} needs one too`);
  }
}

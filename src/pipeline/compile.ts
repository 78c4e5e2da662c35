import { compileMerge, groupClockColumns } from './column-groups.ts';
import { columnKind, isNullable } from './columns.ts';
import type { EntityDefinition, PipelineDefinition, TableDefinition } from './define.ts';
import { parentsFirst } from './reference-order.ts';
import type {
  CompiledColumn,
  CompiledPipeline,
  CompiledSide,
  CompiledTable,
  IncomingReference,
  MappedColumn,
  Route,
  Stamps,
} from './route.ts';
import { problemsOf } from './validate.ts';

/**
 * Turns a definition into routes: one per entity and direction.
 * Throws one Error that lists every problem, a line each.
 */
export function compilePipeline(definition: PipelineDefinition): CompiledPipeline {
  const problems = problemsOf(definition);
  if (problems.length > 0)
    throw new Error(`pipeline ${definition.name} is not valid:\n${problems.map((p) => `  ${p}`).join('\n')}`);
  const entities = parentsFirst(
    new Map(
      Object.entries(definition.entities).map(([name, e]) => [
        name,
        new Set(Object.values(e.references ?? {})),
      ]),
    ),
  );
  const tables = new Map(
    entities.map((name) => [name, compileTables(definition, definition.entities[name]!)] as const),
  );
  const routes = entities.flatMap((name) => compileRoutes(definition, name, tables));
  const sides = new Map(
    Object.keys(definition.sides).map((side) => [
      side,
      compileSide(definition, side, entities, tables, routes),
    ]),
  );
  return {
    name: definition.name,
    sides,
    entities,
    routes,
    effects: (entity) => definition.effects?.filter((each) => each.entity === entity) ?? [],
    jobs: definition.jobs ?? [],
    endpoints: definition.endpoints ?? [],
    cache: definition.cache ?? false,
    route: (entity, from) => routes.find((r) => r.entity === entity && r.source.side === from),
    routesFrom: (side, schema, table) =>
      routes.filter(
        ({ source }) =>
          source.side === side &&
          source.name === table &&
          (source.schema === null || source.schema === schema),
      ),
  };
}

type TablePair = readonly [CompiledTable, CompiledTable];

function compileTables(definition: PipelineDefinition, entity: EntityDefinition): TablePair {
  const [first, second] = Object.entries(entity.tables).map(([side, table]) =>
    compileTable(definition, entity, side, table),
  );
  return [first!, second!];
}

function compileTable(
  { sides }: PipelineDefinition,
  entity: EntityDefinition,
  side: string,
  table: TableDefinition,
): CompiledTable {
  const { engine } = sides[side]!;
  const [name, schema] = table.name.split('.').toReversed() as [string, string | undefined];
  const marked = entity.direction !== 'one_way' && entity.clock !== null;
  return {
    side,
    engine,
    schema: schema ?? (engine === 'postgres' ? 'public' : null),
    name,
    key: table.key,
    columns: new Map(
      Object.entries({ ...table.columns, ...groupClockColumns(entity) }).map(([column, s]) => [
        column,
        compileColumn(column, s),
      ]),
    ),
    clock: marked ? (entity.clock ?? 'sync_clock') : null,
    sourceColumn: marked && entity.sourceColumn !== null ? (entity.sourceColumn ?? 'source') : null,
  };
}

const compileColumn = (name: string, schema: TableDefinition['columns'][string]): CompiledColumn => ({
  name,
  kind: columnKind(schema),
  nullable: isNullable(schema),
  schema,
});

function compileRoutes(
  definition: PipelineDefinition,
  name: string,
  tables: ReadonlyMap<string, TablePair>,
): Route[] {
  const entity = definition.entities[name]!;
  const [first, second] = tables.get(name)!;
  const twoWay = entity.direction !== 'one_way';
  const shared = {
    pipeline: definition.name,
    entity: name,
    twoWay,
    keyStrategy: entity.key ?? 'generated',
    policy: entity.conflicts ?? (twoWay ? 'last_write_wins' : 'source_wins'),
    fixedSide: first.side,
  } as const;
  const parentOf = (column: string, targetSide: string): MappedColumn['references'] => {
    const parent = entity.references?.[column];
    if (parent === undefined) return null;
    const table = tables.get(parent)!.find(({ side }) => side === targetSide) ?? null;
    const { key, matchOn } = definition.entities[parent]!;
    const claimsOn = matchOn ? tables.get(parent)![0].side : null;
    return { entity: parent, keyStrategy: key ?? 'generated', table, claimsOn };
  };
  const pairs = Object.entries(entity.columns).map(([column, mapped]) => {
    const [other, codec] = typeof mapped === 'string' ? [mapped, null] : mapped;
    return { column, a: first.columns.get(column)!, b: second.columns.get(other)!, codec };
  });
  const forth = pairs.map(({ column, a, b, codec }): MappedColumn => {
    return { from: a, to: b, codec, codecDirection: 'decode', references: parentOf(column, second.side) };
  });
  const back = pairs.map(({ column, a, b, codec }): MappedColumn => {
    return { from: b, to: a, codec, codecDirection: 'encode', references: parentOf(column, first.side) };
  });
  const route = (source: CompiledTable, target: CompiledTable, columns: MappedColumn[]): Route => ({
    ...shared,
    source,
    target,
    columns,
    matchOn: entity.matchOn
      ? columns.flatMap(({ from, to }) =>
          entity.matchOn!.includes(source === first ? from.name : to.name) ? [to.name] : [],
        )
      : null,
    merge: compileMerge(entity, columns, ({ from, to }) => (source === first ? from : to).name),
    stamps: compileStamps(entity, target),
    loads: entity.load ?? true,
    referencedBy: incoming(definition, name, target.side, tables),
  });
  return twoWay ? [route(first, second, forth), route(second, first, back)] : [route(first, second, forth)];
}

function compileStamps({ stamps }: EntityDefinition, { columns }: CompiledTable): Stamps {
  const { deletedAt, syncedAt, constants = {} } = stamps ?? {};
  const named = (column: string | undefined) => (column === undefined ? null : columns.get(column)!);
  return { deletedAt: named(deletedAt), syncedAt: named(syncedAt), constants };
}

/** Columns on `side` that hold keys of `parent`'s rows. */
function incoming(
  { entities }: PipelineDefinition,
  parent: string,
  side: string,
  tables: ReadonlyMap<string, TablePair>,
): IncomingReference[] {
  return Object.entries(entities).flatMap(([child, definition]) => {
    const table = tables.get(child)!.find((t) => t.side === side);
    if (!table || definition.load === false) return [];
    return Object.entries(definition.references ?? {})
      .filter(([, referenced]) => referenced === parent)
      .map(([column]) => {
        const mapped = definition.columns[column]!;
        const second = typeof mapped === 'string' ? mapped : mapped[0];
        return { entity: child, table, column: tables.get(child)![0] === table ? column : second };
      });
  });
}

function compileSide(
  definition: PipelineDefinition,
  name: string,
  entities: readonly string[],
  tables: ReadonlyMap<string, TablePair>,
  routes: readonly Route[],
): CompiledSide {
  const side = definition.sides[name]!;
  return {
    name,
    engine: side.engine,
    url: side.url ?? null,
    aliases: side.aliases ?? {},
    database: side.database ?? `${name}_db`,
    groupId: side.groupId ?? `tandem-${definition.name}-${name}`,
    topics: side.topics ?? null,
    connector: side.connector ?? `${definition.name}-${name}`,
    polling: side.polling ?? null,
    healthCheck: side.healthCheck ?? `database_${name}`,
    tables: entities.flatMap((entity) => {
      const [first, second] = tables.get(entity)!;
      const oneWay = definition.entities[entity]!.direction === 'one_way';
      const captured = side.polling ? [] : [first, ...(oneWay ? [] : [second])];
      return captured.filter((table) => table.side === name);
    }),
    isTarget: routes.some(({ target }) => target.side === name),
  };
}

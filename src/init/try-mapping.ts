import type { Value } from '../change/value.ts';
import { assertFits } from '../database/assert-fits.ts';
import type { ColumnDescription, TableDescription } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { CompiledPipeline, CompiledTable, MappedColumn, Route } from '../pipeline/route.ts';
import { mapStored } from '../pipeline/transform.ts';
import { edgeValues } from './edge-values.ts';

/** What a column's values do on their way to the other side. */
export interface TriedColumn {
  entity: string;
  /** Column null: nothing is mapped to the column of the target. */
  from: { side: string; column: string | null };
  to: { side: string; column: string };
  tried: number;
  /** Values that become dead letters: the edge's name and the reason. */
  refused: readonly { edge: string; reason: string }[];
  /** Edges whose values come back as others. */
  lossy: readonly string[];
  /** What is refused is no extreme: a label, null, or whatever was tried. Such rows are sure to come. */
  fails: boolean;
}

type Live = (table: CompiledTable) => TableDescription;

/** Brings values at the edges of every mapped column over and back, without a database; references only whether they may be null. */
export const tryMapping = (pipeline: CompiledPipeline, live: Live): TriedColumn[] =>
  pipeline.routes
    .filter(({ loads }) => loads)
    .flatMap((route) => {
      const back = pipeline.route(route.entity, route.target.side);
      return [
        ...route.columns.map((mapped) => tryColumn(route, back, mapped, live)),
        ...lacking(route, live),
      ];
    });

const messageOf = (error: unknown): string => {
  if (!(error instanceof SyncError)) throw error;
  return error.message.replace(/^column \S+: /, '');
};

function tryColumn(route: Route, back: Route | undefined, mapped: MappedColumn, live: Live): TriedColumn {
  const { source, target } = route;
  const [own, other] = [live(source).get(mapped.from.name)!, live(target).get(mapped.to.name)!];
  const returning = back?.columns.find(({ from }) => from.name === mapped.to.name);
  const values = edgeValues(mapped.from.kind, own).filter(({ value }) =>
    mapped.references === null ? holds(route, mapped, own, value) : value === null,
  );
  const refused: { edge: string; reason: string }[] = [];
  const lossy: string[] = [];
  for (const { name, value } of values)
    try {
      const there = carry(route, mapped, value);
      assertFits(target.engine)(mapped.to, there, other);
      if (back && returning && carry(back, returning, there) !== value) lossy.push(name);
    } catch (error) {
      refused.push({ edge: name, reason: messageOf(error) });
    }
  return {
    entity: route.entity,
    from: { side: source.side, column: mapped.from.name },
    to: { side: target.side, column: mapped.to.name },
    tried: values.length,
    refused,
    lossy,
    fails:
      refused.length > 0 &&
      (refused.length === values.length ||
        refused.some(({ edge }) => edge === 'null' || edge.startsWith('label'))),
  };
}

const carry = (route: Route, mapped: MappedColumn, value: Value): Value =>
  mapStored({ ...route, columns: [mapped] }, { [mapped.from.name]: value })[mapped.to.name]!;

function holds({ source }: Route, { from }: MappedColumn, own: ColumnDescription, value: Value): boolean {
  try {
    assertFits(source.engine)(from, value, own);
    return true;
  } catch (error) {
    messageOf(error);
    return false;
  }
}

/** Columns of the target that must have a value and are given none. */
function lacking({ entity, source, target, columns, keyStrategy, stamps }: Route, live: Live): TriedColumn[] {
  const given = new Set([
    ...columns.map(({ to }) => to.name),
    ...(keyStrategy === 'generated' ? [] : target.key),
    target.clock,
    target.sourceColumn,
    stamps.deletedAt?.name,
    stamps.syncedAt?.name,
    ...Object.keys(stamps.constants),
  ]);
  return [...live(target).values()]
    .filter(({ name, nullable, hasDefault }) => !nullable && !hasDefault && !given.has(name))
    .map(({ name }) => ({
      entity,
      from: { side: source.side, column: null },
      to: { side: target.side, column: name },
      tried: 1,
      refused: [
        { edge: 'any row', reason: 'it must have a value, has no default, and nothing is mapped to it' },
      ],
      lossy: [],
      fails: true,
    }));
}

import type { ColumnKind } from '../pipeline/columns.ts';
import { kindOf } from './kinds.ts';
import type { EntityProposal, LiveSide } from './proposal.ts';

export interface DeclaredColumn {
  name: string;
  kind: ColumnKind;
  labels: readonly string[] | null;
  nullable: boolean;
}

/** What an entity declares of its table on one side: the key, then what is mapped, in the table's own order. */
export function declaredColumns(
  { from, to, columns }: EntityProposal,
  side: LiveSide,
  at: 0 | 1,
): DeclaredColumn[] {
  const live = [from, to][at]!;
  const mapped = new Map(
    columns.map((pair) => {
      const { kinds, labels, codec } = pair.values;
      const own = codec?.type === 'labels' ? codec.pairs.map((each) => each[at]) : labels;
      return [at === 0 ? pair.from : pair.to, { kind: kinds[at], labels: own }] as const;
    }),
  );
  return [...live.columns.values()]
    .filter(({ name }) => mapped.has(name) || live.key.includes(name))
    .map((column) => {
      const { kind, labels } = mapped.get(column.name) ?? {
        kind: kindOf(side.engine, column) ?? 'text',
        labels: null,
      };
      return { name: column.name, kind, labels, nullable: column.nullable };
    });
}

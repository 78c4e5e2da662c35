import type { ColumnDescription } from '../database/contract.ts';
import { inspection } from '../database/inspector.ts';
import type { ColumnKind } from '../pipeline/columns.ts';
import type { Engine } from '../pipeline/define.ts';
import { kindOf, preference } from './kinds.ts';

/** A column and the engine it lies in. */
export interface Place {
  engine: Engine;
  column: ColumnDescription;
}

/** How values of two columns go over. */
export interface ValuePair {
  kinds: readonly [ColumnKind, ColumnKind];
  /** Both are one of these; null: any. */
  labels: readonly string[] | null;
  /** What converts them, where they differ. */
  codec: Codec | null;
  /** 1: the same type; less where it has to be looked at. */
  certainty: number;
  reason: string;
}

/** `labels`: of the first side to those of the second. `utc`: a time without a zone, read as UTC; `from` is the side without. */
export type Codec =
  | { type: 'labels'; pairs: readonly (readonly [string, string])[] }
  | { type: 'utc'; zoneless: 'first' | 'second' };

/** Null where values of the one cannot be values of the other. */
export function pairValues(one: Place, other: Place): ValuePair | null {
  return pairLabels(one.column, other.column) ?? pairKinds(one, other);
}

function pairLabels(
  { labels: one }: ColumnDescription,
  { labels: other }: ColumnDescription,
): ValuePair | null {
  if (one === null || other === null || one.length !== other.length) return null;
  const text = ['text', 'text'] as const;
  if (one.every((label) => other.includes(label)))
    return { kinds: text, labels: one, codec: null, certainty: 1, reason: 'the same labels' };
  const plain = (label: string) => label.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  const pairs = one.flatMap((label) => {
    const found = other.filter((each) => plain(each) === plain(label));
    return found.length === 1 ? [[label, found[0]!] as const] : [];
  });
  const whole = pairs.length === one.length && new Set(pairs.map(([, to]) => to)).size === one.length;
  return whole
    ? {
        kinds: text,
        labels: null,
        codec: { type: 'labels', pairs },
        certainty: 0.9,
        reason: 'labels that differ in spelling alone',
      }
    : null;
}

function pairKinds(one: Place, other: Place): ValuePair | null {
  const [a, b] = [kindOf(one.engine, one.column), kindOf(other.engine, other.column)];
  if (a === null || b === null) return null;
  const plain = { labels: null, codec: null };
  if (isSet(one) !== isSet(other)) return null;
  const fits = ({ engine, column }: Place, kind: ColumnKind) => inspection(engine).carriesKind(kind, column);
  const kind = preference.find((each) => (each === a || each === b) && fits(one, each) && fits(other, each));
  const zoneless = [a, b].toSorted().join() === 'timestamp,timestamptz' && {
    certainty: 0.75,
    reason: 'a time without a zone, taken as UTC',
  };
  // Text carries anything in some form, which is seldom the other's.
  if (kind !== undefined && (kind !== 'text' || a === b)) {
    const asWritten = { certainty: 0.85, reason: `${a} and ${b}, taken as ${kind}` };
    const guess = a === b ? sameKind(one.column, other.column) : zoneless || asWritten;
    return { ...plain, kinds: [kind, kind], ...guess };
  }
  if (!zoneless) return null;
  return {
    ...plain,
    kinds: [a, b],
    codec: { type: 'utc', zoneless: a === 'timestamp' ? 'first' : 'second' },
    ...zoneless,
  };
}

const sameKind = ({ labels: one }: ColumnDescription, { labels: other }: ColumnDescription) =>
  one && other
    ? { certainty: 0.5, reason: 'other labels: a codec has to say which is which' }
    : one || other
      ? { certainty: 0.8, reason: 'labels on one side, any text on the other' }
      : { certainty: 1, reason: 'the same type' };

const isSet = ({ column }: Place) => column.type === 'set';

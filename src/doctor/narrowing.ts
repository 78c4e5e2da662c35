import type { ColumnDescription } from '../database/contract.ts';

const infinite = Number.POSITIVE_INFINITY;

/** Most bytes of one character in UTF-8. */
const bytesOfCharacter = 4;

/** Bits of each integer type that is narrower than the widest. */
const integerBits: Record<string, number> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  integer: 32,
  bigint: 64,
};

const bits = ({ type }: ColumnDescription): number | undefined => integerBits[type.split(' ')[0] ?? ''];

function lengthNarrows(from: ColumnDescription, to: ColumnDescription): boolean {
  if (to.maxLength === null || to.lengthUnit === null) return false;
  if (from.maxLength === null || from.lengthUnit === null)
    return from.labels === null && bits(from) === undefined;
  if (from.lengthUnit === to.lengthUnit) return from.maxLength > to.maxLength;
  if (from.lengthUnit === 'character') return from.maxLength * bytesOfCharacter > to.maxLength;
  // so many bytes may be so many characters
  return from.maxLength > to.maxLength;
}

function numberNarrows(from: ColumnDescription, to: ColumnDescription): string | null {
  const [own, other] = [bits(from), bits(to)];
  if (own !== undefined && other !== undefined) {
    if (own > other) return `${from.type} into ${to.type}`;
    if (from.unsigned && !to.unsigned && own === other)
      return `${from.type} into ${to.type}, half of its range`;
    if (!from.unsigned && to.unsigned) return `${from.type} into ${to.type}, which holds no negative`;
    return null;
  }
  if (to.precision === null) return null;
  const fromScale = from.scale ?? (own === undefined ? infinite : 0);
  const fromWhole =
    from.precision === null ? (own === undefined ? infinite : own / 3.3) : from.precision - fromScale;
  const toScale = to.scale ?? 0;
  if (fromScale > toScale) return `digits after the point beyond ${toScale}`;
  if (fromWhole > to.precision - toScale) return `digits before the point beyond ${to.precision - toScale}`;
  return null;
}

const width = ({ type, maxLength, lengthUnit }: ColumnDescription) =>
  maxLength === null ? `${type} without a limit` : `${maxLength} ${lengthUnit}s`;

/** What the one column can hold and the other cannot, in words; null where everything fits. */
export function narrowing(from: ColumnDescription, to: ColumnDescription): string | null {
  if (lengthNarrows(from, to)) return `${width(from)} into ${width(to)}`;
  const number = numberNarrows(from, to);
  if (number !== null) return number;
  if (from.fraction !== null && to.fraction !== null && from.fraction > to.fraction)
    return `${from.fraction} digits of a second into ${to.fraction}`;
  return null;
}

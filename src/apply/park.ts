import { randomBytes, randomInt } from 'node:crypto';
import type { Row, Value } from '../change/value.ts';
import type { ColumnDescription, Database, UniqueIndex } from '../database/contract.ts';
import { v4 } from 'uuid';
import type { CompiledColumn, Route } from '../pipeline/route.ts';

/**
 * Values that take a row out of the way in a unique index for the length of one transaction: null where one column may
 * be, else a random one of a column's type and length. Null where no column of the index can be parked, as one of
 * labels or of references.
 */
export async function parkedValues(
  target: Database,
  { target: table, columns }: Route,
  index: UniqueIndex,
): Promise<Row | null> {
  const live = await target.describe(table);
  const mapped = index.columns.flatMap((name) => columns.filter(({ to }) => to.name === name));
  const nullable = mapped.find(({ to }) => live.get(to.name)?.nullable);
  if (nullable && index.nullsDistinct) return { [nullable.to.name]: null };
  for (const { to, references } of mapped) {
    const value = references ? null : parkedValue(to, live.get(to.name));
    if (value !== null) return { [to.name]: value };
  }
  return null;
}

function parkedValue({ kind }: CompiledColumn, live: ColumnDescription | undefined): Value {
  switch (kind) {
    case 'text': {
      if (live?.labels) return null;
      const length = Math.min(live?.maxLength ?? 32, 32);
      return randomBytes(32).toString('hex').slice(0, length);
    }
    case 'uuid':
      return v4();
    case 'integer':
      return String(randomInt(1, (live && ceilings[live.type.split(' ')[0]!]) ?? 2 ** 31));
    case 'bytes':
      return randomBytes(Math.min(live?.maxLength ?? 16, 16)).toString('base64');
    default:
      return null;
  }
}

/** Exclusive, of signed types. */
const ceilings: Readonly<Record<string, number>> = { tinyint: 2 ** 7, smallint: 2 ** 15, mediumint: 2 ** 23 };

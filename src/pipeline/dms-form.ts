import type { CapturedChange } from '../change/parsers/captured-change.ts';
import type { WireRow, WireValue } from '../change/value.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ColumnKind } from './columns.ts';
import { refusal } from './refusal.ts';
import type { CompiledTable, Route } from './route.ts';

type Reform = (wire: Exclude<WireValue, null>) => WireValue | undefined;

/** Hexadecimal, with `0x` unless the endpoint sets `NoHexPrefix` (AWS DMS API reference, "KinesisSettings"). */
function bytesOfHex(wire: WireValue): Buffer | undefined {
  const match = typeof wire === 'string' ? /^(?:0x)?((?:[\da-f]{2})*)$/i.exec(wire) : null;
  return match ? Buffer.from(match[1] ?? '', 'hex') : undefined;
}

const littleEndian = (bytes: Buffer | undefined): string | undefined =>
  bytes && Buffer.from(bytes.toReversed()).toString('base64');

/** Kinds whose form differs from the connectors'; undefined for what is of neither form. */
const reforms: Partial<Record<ColumnKind, Reform>> = {
  bytes: (wire) => bytesOfHex(wire)?.toString('base64'),
  uuid: (wire) => (typeof wire === 'string' && wire.startsWith('0x') ? wire.slice(2) : wire),
  bits: (wire) => {
    if (wire === '0' || wire === '1') return wire === '1';
    return typeof wire === 'string' && wire.startsWith('0x') ? littleEndian(bytesOfHex(wire)) : wire;
  },
  // A tinyint(1) may come as a Boolean.
  integer: (wire) => (typeof wire === 'boolean' ? String(Number(wire)) : wire),
  date: (wire) => (typeof wire === 'string' ? wire.replace(/T00:00:00(?:\.0+)?Z?$/, '') : wire),
};

/** The values of an image as the connectors would have written them. Throws `data` naming the column that cannot be read. */
function asCaptured({ columns }: CompiledTable, image: WireRow): WireRow {
  return Object.fromEntries(
    Object.entries(image).map(([name, wire]) => {
      const column = columns.get(name);
      const reform = column && reforms[column.kind];
      if (!reform || wire === null) return [name, wire];
      const value = reform(wire);
      if (value === undefined) throw refusal(name, `the captured value is not of kind ${column.kind}`);
      return [name, value];
    }),
  );
}

/**
 * The change as a connector would have captured it for this route. Throws `data` where it lacks a column that is needed:
 * whether that is NULL, empty or unchanged nobody can tell.
 */
export function ofDms(route: Route, change: CapturedChange): CapturedChange {
  const { after, before, oldKey } = change;
  if (after !== null) assertWhole(route, after);
  const reformed = (image: WireRow | null) => image && asCaptured(route.source, image);
  return { ...change, after: reformed(after), before: reformed(before), oldKey: reformed(oldKey) };
}

function assertWhole({ source, columns }: Route, image: WireRow): void {
  const needed = [...columns.map(({ from }) => from.name), source.clock, source.sourceColumn];
  for (const column of needed)
    if (column !== null && !(column in image))
      throw new SyncError(
        'data',
        `the record lacks column ${column} of ${source.name}: set IncludeNullAndEmpty to true on the DMS endpoint`,
        { code: 'missing_column', column },
      );
}

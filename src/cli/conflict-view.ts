import Table from 'cli-table3';
import { clockAhead } from '../apply/clock-ahead.ts';
import type { StoredConflict, Version } from '../database/contract.ts';
import type { Value } from '../change/value.ts';
import { clockTime } from './clock-time.ts';
import { printable } from './printable.ts';

/** A conflict as a list shows it: no values of the row beside its key. */
export interface ConflictView {
  /** `<pipeline>/<side>/<number>`, as `show` takes it. */
  id: string;
  /** By the clock of the side it is recorded on, ISO 8601. */
  recorded_at: string;
  pipeline: string;
  entity: string;
  event_id: string;
  type: string;
  /** Where the versions met. */
  side: string;
  /** Of the row on that side; null where there is none. */
  key: string | null;
  /** Whose version is in the row now. */
  winner: string;
  why: string;
}

/** A conflict in full. Row values: for the operator's own eyes. */
export interface ConflictDetail extends ConflictView {
  /** The event's version, from the other side. */
  incoming: ShownVersion;
  /** What the row, or its tombstone, was. */
  existing: ShownVersion;
  columns: readonly ComparedColumn[];
}

export interface ShownVersion {
  side: string | null;
  won: boolean;
  /** Microseconds since the epoch; null where there was no version. */
  clock: string | null;
  at: string | null;
  /** Seconds the clock was ahead of that of the side it is recorded on; null within the limit. */
  ahead_seconds: number | null;
  deleted: boolean;
}

export interface ComparedColumn {
  name: string;
  incoming: Value | undefined;
  existing: Value | undefined;
  differs: boolean;
}

export function conflictView(conflict: StoredConflict): ConflictView {
  const { id, pipeline, targetSide, verdict, incoming, existing } = conflict;
  return {
    id: `${pipeline}/${targetSide}/${id}`,
    recorded_at: conflict.recordedAt,
    pipeline,
    entity: conflict.entity,
    event_id: conflict.eventId,
    type: conflict.type,
    side: targetSide,
    key: conflict.targetKey,
    winner: verdict === 'applied' ? incoming.version.side : (existing.version?.side ?? targetSide),
    why: reasonOf(conflict),
  };
}

/** What the versions say for the verdict; where they say nothing, or the opposite, the entity's policy has decided. */
function reasonOf({ verdict, incoming, existing }: StoredConflict): string {
  const policy = "by the entity's conflict policy";
  if (existing.version === null || incoming.version.clock === 0n) return policy;
  const ahead = incoming.version.clock - existing.version.clock;
  if (ahead === 0n) return "the clocks are equal: the entity's first side wins";
  if (ahead > 0n !== (verdict === 'applied')) return policy;
  return `its clock is ${seconds(ahead < 0n ? -ahead : ahead)} s later`;
}

const seconds = (microseconds: bigint): string =>
  `${microseconds / 1_000_000n}.${String(microseconds % 1_000_000n).padStart(6, '0')}`;

/** `maxClockSkewSeconds`: a version further ahead than that, when the conflict was recorded, is flagged. */
export function conflictDetail(conflict: StoredConflict, maxClockSkewSeconds: number): ConflictDetail {
  const { incoming, existing, verdict } = conflict;
  const recorded = Date.parse(conflict.recordedAt);
  const shown = ({ version, row }: { version: Version | null; row: object | null }, won: boolean) => ({
    side: version?.side ?? null,
    won,
    clock: version && String(version.clock),
    at: version && clockTime(version.clock),
    ahead_seconds: version && clockAhead({ clock: String(version.clock) }, maxClockSkewSeconds, recorded),
    deleted: row === null,
  });
  const names = new Set([...Object.keys(incoming.row ?? {}), ...Object.keys(existing.row ?? {})]);
  return {
    ...conflictView(conflict),
    incoming: shown(incoming, verdict === 'applied'),
    existing: shown(existing, verdict === 'kept'),
    columns: [...names].map((name) => {
      const values = { incoming: incoming.row?.[name], existing: existing.row?.[name] };
      return {
        name,
        ...values,
        differs: JSON.stringify(values.incoming) !== JSON.stringify(values.existing),
      };
    }),
  };
}

const plain = { style: { head: [], border: [] } };

export function conflictList(conflicts: readonly ConflictView[]): string {
  if (conflicts.length === 0) return 'no conflict';
  const table = new Table({ head: ['id', 'recorded', 'row', 'type', 'kept', 'because'], ...plain });
  for (const { id, recorded_at, entity, key, type, winner, why } of conflicts)
    table.push([id, recorded_at, `${entity} ${printable(key ?? '')}`.trimEnd(), type, winner, why]);
  return `${table.toString()}\n${conflicts.length} shown`;
}

export function conflictText(conflict: ConflictDetail): string {
  const { id, entity, key, side, type, winner, why, event_id, recorded_at, columns } = conflict;
  const table = new Table({
    head: ['', 'column', heading(conflict.incoming, 'incoming'), heading(conflict.existing, 'held')],
    colWidths: [3, null, 44, 44],
    wordWrap: true,
    wrapOnWordBoundary: false,
    ...plain,
  });
  for (const { name, differs, ...values } of columns)
    table.push([differs ? '≠' : '', name, cell(values.incoming), cell(values.existing)]);
  return [
    `${id}: ${type} of ${entity} ${printable(key ?? '')}`.trimEnd(),
    `the version of ${winner} is kept: ${why}`,
    `event ${event_id}, recorded on ${side} at ${recorded_at}`,
    table.toString(),
  ].join('\n');
}

function heading({ side, won, at, ahead_seconds, deleted }: ShownVersion, role: string): string {
  const lines = [`${side ?? 'nobody'} (${role}${won ? ', kept' : ''})`, at ?? 'no version'];
  if (ahead_seconds !== null) lines.push(`from the future: ${ahead_seconds} s ahead`);
  if (deleted) lines.push('no row');
  return lines.join('\n');
}

const cell = (value: Value | undefined): string =>
  value === undefined
    ? ''
    : value === null
      ? 'NULL'
      : printable(typeof value === 'string' ? value : JSON.stringify(value));

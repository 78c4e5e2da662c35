import type { ReadRecord } from '../support/topic-reader.ts';
import type { JournaledWrite } from './journal.ts';
import type { Mode } from './mode.ts';
import { entities, sides, words } from './words.ts';
import type { Entity, Side } from './words.ts';

type Image = Readonly<Record<string, unknown>> | null;

/** One captured change, as far as it is judged here. */
export interface Captured {
  side: Side;
  entity: Entity;
  op: string;
  /** Row clock of the version it tells of. */
  clock: bigint;
  /** The row says that Tandem wrote it. */
  bySource: boolean;
  /** The writer's session carried Tandem's mark. */
  byMark: boolean;
}

const tables = new Map(
  sides.flatMap((side) =>
    entities.map((entity): [string, [Side, Entity]] => [words[side][entity].table, [side, entity]]),
  ),
);

/** Null for what is no change of a row: snapshots, heartbeats, truncates. */
export function captured({ topic, value }: ReadRecord): Captured | null {
  const place = tables.get(topic.split('.').at(-1)!);
  if (!place || value === null) return null;
  const { op, before, after, source } = value as unknown as {
    op: string;
    before: Image;
    after: Image;
    source: Image;
  };
  const image = op === 'd' ? before : after;
  if (!['c', 'u', 'd'].includes(op) || !image) return null;
  const clock = BigInt(String(image['sync_clock']));
  const mark = (source?.['origin'] ?? source?.['gtid'] ?? '') as string;
  return {
    side: place[0],
    entity: place[1],
    op,
    clock: op === 'd' ? clock + 1n : clock,
    bySource: op !== 'd' && image['source'] === 'sync_service',
    byMark: mark.startsWith('tandem_') || mark.includes(':tandem:'),
  };
}

const name = ({ side, entity, clock }: Pick<Captured, 'side' | 'entity' | 'clock'>, gone: boolean): string =>
  `${gone ? 'delete' : 'version'} of ${entity} on ${side} at ${clock}`;

/** What the log shows of a write: its version, and the end of the one it took the key from. */
function shows(write: JournaledWrite): { sure: string[]; possible: string[] } {
  if (write.kind === 'delete') return { sure: [name(write, true)], possible: [] };
  const sure = [name(write, false)];
  const ended = write.base === null ? [] : [name({ ...write, clock: write.base + 1n }, true)];
  // A change of key and a REPLACE show as a delete and an insert, or as an update where the engine takes a short cut.
  return { sure, possible: write.kind === 'insert' || write.oldKey !== undefined ? ended : [] };
}

/**
 * The topics hold the changes of the apps and nothing else: each acknowledged write is there, and each change there is
 * one an app made. Without marks and filter Tandem's own writes are there too, known by `source`, or as the end
 * of a version that an app made; a delivery more than once is no fault.
 */
export function topicProblems(
  records: readonly ReadRecord[],
  writes: readonly JournaledWrite[],
  since: Date,
  mode: Mode,
): { missing: string[]; echoes: string[] } {
  const from = BigInt(since.getTime()) * 1000n;
  const found = records
    .map(captured)
    .filter((change) => change !== null && change.clock >= from) as Captured[];
  const seen = new Set(found.map((change) => name(change, change.op === 'd')));
  const missing = writes
    .filter(({ ending }) => ending === 'acknowledged')
    .flatMap((write) => shows(write).sure.filter((each) => !seen.has(each)));

  const made = new Set(writes.flatMap((write) => Object.values(shows(write)).flat()));
  // Tandem's own delete tells of the version it ended, whichever side had made it.
  const ended = new Set(
    writes.map(({ entity, kind, clock }) => `${entity} ${kind === 'delete' ? clock : clock + 1n}`),
  );
  const own = ({ entity, clock, op, bySource }: Captured): boolean =>
    bySource || (op === 'd' && ended.has(`${entity} ${clock}`));
  const echoes = found
    .filter((change) =>
      mode.filtered
        ? change.bySource || change.byMark || !made.has(name(change, change.op === 'd'))
        : !made.has(name(change, change.op === 'd')) && !own(change),
    )
    .map((change) => `${change.op} ${name(change, change.op === 'd')}`);
  return { missing, echoes };
}

import type { ReadRecord } from '../support/topic-reader.ts';
import type { JournaledWrite } from './journal.ts';
import type { Mode } from './mode.ts';
import { entities, sides, words } from './words.ts';
import type { Entity, Side } from './words.ts';

type Image = Readonly<Record<string, string | number | null | undefined>> | null;

/** One captured change, as far as it is judged here. */
export interface Captured {
  side: Side;
  entity: Entity;
  op: string;
  key: string;
  /** Row clock of the version it tells of; 0 where tables keep none. */
  clock: bigint;
  text: string | null;
  /** Commit time, milliseconds since the epoch. */
  committed: number;
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
  const clock = BigInt(String(image['sync_clock'] ?? 0));
  const mark = (source?.['origin'] ?? source?.['gtid'] ?? '') as string;
  const [side, entity] = place;
  const text = image[words[side][entity].columns['text'] ?? ''];
  return {
    side,
    entity,
    op,
    key: String(image['id']),
    clock: op === 'd' ? clock + 1n : clock,
    text: op === 'd' || typeof text !== 'string' ? null : text,
    committed: Number(source?.['ts_ms'] ?? 0),
    bySource: op !== 'd' && image['source'] === 'sync_service',
    byMark: mark.startsWith('tandem_') || mark.includes(':tandem:'),
  };
}

type Version = Pick<Captured, 'side' | 'entity' | 'key' | 'clock' | 'text'>;

/** Tells versions apart: by row clock; where tables keep none, by key and text, which no two writes of a run share. */
function nameOf({ clocked }: Mode, { side, entity, key, clock, text }: Version, gone: boolean): string {
  const what = `${gone ? 'delete' : 'version'} of ${entity} on ${side}`;
  return clocked ? `${what} at ${clock}` : `${what}:${key}${text === null ? '' : ` saying ${text}`}`;
}

/** What the log shows of a write: its version, and the end of the one it took the key from. */
function shows(mode: Mode, write: JournaledWrite): { sure: string[]; possible: string[] } {
  if (write.kind === 'delete') return { sure: [nameOf(mode, write, true)], possible: [] };
  const sure = [nameOf(mode, write, false)];
  const ended =
    write.base === null ? [] : [nameOf(mode, { ...write, clock: write.base + 1n, text: null }, true)];
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
  const from = since.getTime();
  const isOfRun = ({ clock, committed }: Captured) =>
    mode.clocked ? clock >= BigInt(from) * 1000n : committed >= from;
  const found = records.map(captured).filter((change) => change !== null && isOfRun(change)) as Captured[];
  const tells = (change: Captured) => nameOf(mode, change, change.op === 'd');
  const seen = new Set(found.map(tells));
  const missing = writes
    .filter(({ ending }) => ending === 'acknowledged')
    .flatMap((write) => shows(mode, write).sure.filter((each) => !seen.has(each)));

  const made = new Set(writes.flatMap((write) => Object.values(shows(mode, write)).flat()));
  // Tandem's own delete tells of the version it ended, whichever side had made it.
  const ended = new Set(
    writes.map(({ entity, kind, clock }) => `${entity} ${kind === 'delete' ? clock : clock + 1n}`),
  );
  const own = ({ entity, clock, op, bySource }: Captured): boolean =>
    bySource || (op === 'd' && ended.has(`${entity} ${clock}`));
  const echoes = found
    .filter((change) =>
      mode.filtered
        ? change.bySource || change.byMark || !made.has(tells(change))
        : !made.has(tells(change)) && !own(change),
    )
    .map((change) => `${change.op} ${tells(change)}`);
  return { missing, echoes };
}

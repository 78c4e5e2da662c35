import type {
  EntityReport,
  Example,
  Finding,
  PlannedWrite,
  VerifiedEntity,
  VerifyInput,
  VerifyPart,
  VerifyProgress,
  VerifyStatus,
} from './verify.ts';

/** So many rows are told of each kind, and of each column. */
const examples = 5;

const notBegun = ({ entity, side, other, twoWay }: VerifiedEntity): EntityReport => ({
  entity,
  side,
  other,
  twoWay,
  rows: {},
  totals: {},
  mappings: 0,
  settled: 0,
  moving: 0,
  found: {},
  columns: {},
  repaired: 0,
  left: {},
  startedAt: null,
  endedAt: null,
});

/** Of the parts in their order, each entity once. */
export const entitiesOf = (parts: readonly VerifyPart[]): VerifiedEntity[] =>
  parts.filter(({ entity }, index) => parts.findIndex((part) => part.entity === entity) === index);

export const beginning = ({ parts }: VerifyInput, startedAt: string): VerifyProgress => ({
  startedAt,
  part: 0,
  after: null,
  ended: false,
  suspects: [],
  unpaired: [],
  entities: entitiesOf(parts).map(notBegun),
  planned: [],
  plannedMore: 0,
  paused: false,
});

export function statusOf(
  { pipeline, repair, sample, since }: VerifyInput,
  { startedAt, entities, planned, plannedMore, paused }: VerifyProgress,
  { settling, rate }: { settling: boolean; rate: number | null },
): VerifyStatus {
  const done = entities.every(({ endedAt }) => endedAt !== null);
  return {
    pipeline,
    state: done ? 'done' : paused ? 'paused' : settling ? 'settling' : 'running',
    repair,
    sample,
    since,
    startedAt,
    endedAt: done ? (entities.at(-1)?.endedAt ?? startedAt) : null,
    entities,
    planned,
    plannedMore,
    rate,
  };
}

export function withFinding(report: EntityReport, finding: Finding): EntityReport {
  const { kind, side, key, other, columns, values = [] } = finding;
  const name = side === null ? kind : `${kind} on ${side}`;
  const before = report.found[name] ?? { rows: 0, examples: [] };
  const perColumn = { ...report.columns };
  for (const column of columns) {
    const known = perColumn[column] ?? { rows: 0, examples: [] };
    const value = values.find(({ from }) => from === column);
    perColumn[column] = {
      rows: known.rows + 1,
      examples: few(known.examples, { key, other, ...(value && { value }) }),
    };
  }
  return {
    ...report,
    columns: perColumn,
    found: {
      ...report.found,
      [name]: { rows: before.rows + 1, examples: few(before.examples, { key, other }) },
    },
  };
}

const few = (known: readonly Example[], one: Example): readonly Example[] =>
  known.length < examples ? [...known, one] : known;

export const withLeft = (report: EntityReport, why: string, rows = 1): EntityReport => ({
  ...report,
  left: { ...report.left, [why]: (report.left[why] ?? 0) + rows },
});

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

/** What is wrong, repaired or not. */
export const foundRows = ({ found }: Pick<EntityReport, 'found'>): number =>
  sum(Object.values(found).map(({ rows }) => rows));

export const comparedRows = ({ rows }: Pick<EntityReport, 'rows'>): number => sum(Object.values(rows));

/** Null where a table was not counted. */
export function totalRows({ totals, side, other }: EntityReport): number | null {
  const known = [totals[side] ?? null, totals[other] ?? 0];
  return known.every((total) => total !== null) ? sum(known) : null;
}

/** `update legacy 42: full_name "a" → "b"`. */
export function writeText({ entity, side, key, write, columns }: PlannedWrite): string {
  const text = (value: string | null) => (value === null ? 'null' : JSON.stringify(value));
  const changes = columns.map(({ name, before, after }) =>
    write === 'insert' ? `${name} ${text(after)}` : `${name} ${text(before)} → ${text(after)}`,
  );
  return `${write} ${entity} ${side}${key === null ? '' : `:${key}`}${changes.length === 0 ? '' : `  ${changes.join(', ')}`}`;
}

/** What is wrong and was not repaired. */
export const wrongRows = ({ entities }: Pick<VerifyStatus, 'entities'>): number =>
  sum(entities.map((report) => foundRows(report) - report.repaired));

export const movingRows = ({ entities }: Pick<VerifyStatus, 'entities'>): number =>
  sum(entities.map(({ moving }) => moving));

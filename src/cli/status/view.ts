import Table from 'cli-table3';
import { jobsTable } from '../jobs-view.ts';
import { pauseLine } from '../pause-line.ts';
import { duration, number } from '../progress-text.ts';
import type { EntityStatus, OpenEvents, PipelineStatus, SideStatus, StatusReport } from './report.ts';
import { isAway } from './told.ts';
import type { Told } from './told.ts';

/** The report for a person; what needs an operator comes last, next to the prompt. */
export function statusText({ at, ok, problems, pipelines }: StatusReport): string {
  const end = ok
    ? ['nothing needs an operator']
    : [`${problems.length === 1 ? 'this needs' : 'these need'} an operator:`, ...problems.map(item)];
  return [
    at.replace(/\.\d+Z$/, 'Z'),
    ...pipelines.flatMap((pipeline) => ['', ...pipelineLines(pipeline)]),
    '',
    ...end,
  ].join('\n');
}

const item = (problem: string) => `  ${problem}`;

function pipelineLines({ pipeline, entities, sides, work, pauses, jobs, links }: PipelineStatus): string[] {
  return [
    `${pipeline}: ${isAway(work) ? awayText(work) : openText(work)}`,
    entitiesTable(entities),
    sidesTable(sides),
    ...(isAway(jobs) || jobs.length === 0 ? [] : [jobsTable(jobs)]),
    ...(isAway(pauses) ? [] : pauses.map(pauseLine)),
    ...(isAway(work) ? [] : linkLines(work, links)),
  ];
}

const linkLines = (
  { deadLetters, retrying, waiting }: OpenEvents,
  links: PipelineStatus['links'],
): string[] => [
  ...(deadLetters === 0 ? [] : [`dead letters: ${links.deadLetters}`]),
  ...(retrying + waiting === 0 ? [] : [`in trouble: ${links.inTrouble}`]),
];

const awayText = ({ away }: { away: string }) => `away: ${away}`;

const openText = ({ inFlight, retrying, waiting, deadLetters }: OpenEvents) =>
  `in flight ${number(inFlight)} · retrying ${number(retrying)} · waiting ${number(waiting)} · dead letters ${number(deadLetters)}`;

/** What a part told; a cell has no room for the reason, which stands among what needs an operator. */
const cell = <T>(told: Told<T>, text: (value: T) => string): string => (isAway(told) ? 'away' : text(told));

const optional = <T>(told: Told<T> | null, text: (value: T) => string): string =>
  told === null ? '' : cell(told, text);

const tableOf = (head: string[], colAligns: ('left' | 'right')[]) =>
  new Table({ head, colAligns, style: { head: [], border: [], compact: true } });

function entitiesTable(entities: readonly EntityStatus[]): string {
  const right = Array.from({ length: 7 }, () => 'right' as const);
  const table = tableOf(
    [
      'entity',
      'from → to',
      'per second',
      'unread',
      'lag',
      'in flight',
      'retrying',
      'waiting',
      'dead',
      'last minute',
    ],
    ['left', 'left', ...right, 'left'],
  );
  for (const each of entities) {
    const open = (of: keyof OpenEvents) => cell(each.work, (work) => number(work[of]));
    table.push([
      each.entity,
      `${each.from} → ${each.to}`,
      cell(each.lastMinute, perSecond),
      optional(each.unread, number),
      lagText(each.lagSeconds),
      open('inFlight'),
      open('retrying'),
      open('waiting'),
      open('deadLetters'),
      [...each.paused.map((reason) => `paused: ${reason}`), cell(each.lastMinute, outcomesText)]
        .filter(Boolean)
        .join(', '),
    ]);
  }
  return table.toString();
}

const perSecond = (events: Readonly<Record<string, number>>) =>
  (Object.values(events).reduce((sum, n) => sum + n, 0) / 60).toFixed(1);

const outcomesText = (events: Readonly<Record<string, number>>) =>
  Object.entries(events)
    .map(([outcome, n]) => `${number(n)} ${outcome}`)
    .join(', ');

function lagText(seconds: number | null): string {
  if (seconds === null) return 'unknown';
  return seconds === 0 ? 'caught up' : duration(seconds);
}

function sidesTable(sides: readonly SideStatus[]): string {
  const table = tableOf(
    ['side', 'database', 'capture', 'read by', 'log'],
    ['left', 'left', 'left', 'left', 'left'],
  );
  for (const side of sides)
    table.push([
      side.side,
      `${side.engine}, ${cell(side.database, ({ answerMs }) => `${answerMs} ms`)}`,
      captureText(side),
      optional(side.reader, ({ name, members, unread }) =>
        [name, ...(members === null ? [] : [`members ${members}`]), `unread ${number(unread)}`].join(', '),
      ),
      optional(side.log, ({ state, found }) => (state === 'kept' ? found : `${state}: ${found}`)),
    ]);
  return table.toString();
}

function captureText({ feed, connector, poll }: SideStatus): string {
  if (feed === null) return 'none';
  if (poll !== null) return cell(poll, ({ running }) => (running ? 'polling' : 'polling, not running'));
  if (connector === null) return 'queue';
  return cell(connector, ({ name, state, tasks }) => {
    const each = tasks.map(({ id, state }) => `task ${id} ${state}`);
    return [`${name} ${state}`, ...each].join(', ');
  });
}

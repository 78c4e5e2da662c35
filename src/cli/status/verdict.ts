import { scopeName } from '../../temporal/pause.ts';
import { pauseLine } from '../pause-line.ts';
import type { ListedJob } from '../list-jobs.ts';
import type { OpenPause } from '../../temporal/pauses.ts';
import type { PipelineStatus, SideStatus } from './report.ts';
import { isAway } from './told.ts';
import type { Told } from './told.ts';

/**
 * What needs an operator, a line each with what to run: a part that is away, dead letters, a pause that nobody asked for, a
 * connector that failed or is not registered, a log that is lost or soon will be, records that nobody reads, a job whose
 * last run failed. What an operator paused and what is tried again by itself does not.
 */
export function problemsOf(pipelines: readonly PipelineStatus[]): string[] {
  const away = pipelines.flatMap(partsOf).filter(isAway);
  return [
    ...new Set(away.map((part) => `away: ${part.away}`)),
    ...pipelines.flatMap((status) => [
      ...deadLetters(status),
      ...pauses(status),
      ...status.sides.flatMap((side) => sideProblems(status.pipeline, side)),
      ...present(status.jobs, []).flatMap(jobProblems),
    ]),
  ];
}

const present = <T>(told: Told<T>, otherwise: T): T => (isAway(told) ? otherwise : told);

const partsOf = ({ work, pauses, jobs, entities, sides }: PipelineStatus): unknown[] => [
  work,
  pauses,
  jobs,
  ...entities.flatMap(({ lastMinute, unread }) => [lastMinute, unread]),
  ...sides.flatMap(({ database, connector, reader, log, poll }) => [database, connector, reader, log, poll]),
];

function deadLetters({ pipeline, work }: PipelineStatus): string[] {
  if (isAway(work) || work.deadLetters === 0) return [];
  const { deadLetters: open } = work;
  return [
    `${pipeline}: ${open} ${open === 1 ? 'dead letter' : 'dead letters'}; tandem dlq list --pipeline ${pipeline}`,
  ];
}

const pauses = ({ pauses }: PipelineStatus): string[] =>
  present(pauses, [])
    .filter(({ reason }) => reason !== 'operator')
    .map((pause) => `${pauseLine(pause)}; ${endOf(pause)}`);

/** What ends a pause that began by itself. */
function endOf({ pipeline, scope, reason }: OpenPause): string {
  const resume = `tandem resume ${scopeName(pipeline, scope)}`;
  if (reason !== 'log_restarted') return `repair the cause: a trial goes on by itself, or ${resume}`;
  const side = scope.kind === 'side' ? scope.side : 'SIDE';
  return `tandem connectors apply ${pipeline} --new-epoch ${side}, then ${resume}`;
}

function sideProblems(pipeline: string, { side, connector, reader, log, poll }: SideStatus): string[] {
  const name = `${pipeline}/${side}`;
  const problems: string[] = [];
  if (connector !== null && !isAway(connector)) {
    const apply = `tandem connectors apply ${pipeline}`;
    const why = connector.cause.slice(-1).map((cause) => `: ${cause}`);
    if (connector.state === 'failed')
      problems.push(
        `${name}: the connector ${connector.name} failed${why.join('')}; repair the cause, then ${apply}`,
      );
    if (connector.state === 'missing')
      problems.push(`${name}: the connector ${connector.name} is not registered; ${apply}`);
  }
  if (log !== null && !isAway(log) && (log.state === 'lost' || log.state === 'running_out'))
    problems.push(`${name}: ${log.found}; ${log.repair ?? 'tandem doctor'}`);
  if (reader !== null && !isAway(reader) && reader.members === 0 && reader.unread > 0)
    problems.push(`${name}: nobody reads, and ${reader.unread} records wait; tandem ingest ${name}`);
  if (poll !== null && !isAway(poll) && !poll.running)
    problems.push(`${name}: its poll does not run; tandem worker ${pipeline}`);
  return problems;
}

/** Ends of a run that say that it could not do its work. */
const failures: ReadonlySet<string | null> = new Set(['failed', 'timed_out']);

const jobProblems = ({ pipeline, job, last, running }: ListedJob): string[] =>
  last === null || running !== null || !failures.has(last.result)
    ? []
    : [`${pipeline}/${job}: its last run ${last.why ?? last.result}; tandem jobs run ${pipeline} ${job}`];

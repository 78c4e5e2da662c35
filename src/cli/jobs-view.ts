import Table from 'cli-table3';
import { jobSecondsLeft } from '../temporal/job-details.ts';
import type { JobStatus } from '../temporal/jobs.ts';
import type { EndedRun, ListedJob } from './list-jobs.ts';
import { barOf, duration, number } from './progress-text.ts';

/** A line over a table of counts, for a terminal. */
export function jobTable(status: JobStatus): string {
  const counts = Object.entries(status.counts);
  if (counts.length === 0) return jobSummary(status);
  const table = new Table({
    head: ['count', ''],
    colAligns: ['left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const [name, count] of counts) table.push([name, number(count)]);
  return `${jobSummary(status)}\n${table.toString()}`;
}

/** One line: `blog/refresh: running [####----] 40 %, 12 pages, 600 rows, 1.2 pages/s, 31 s left`. */
export function jobSummary(status: JobStatus): string {
  const { pipeline, job, state, rate } = status;
  const left = jobSecondsLeft(status, Date.now());
  const parts = [
    ...didOf(status),
    ...(rate === null || state !== 'running' ? [] : [`${rate.toFixed(1)} pages/s`]),
    ...(left === null ? [] : [`${duration(left)} left`]),
  ];
  return `${pipeline}/${job}: ${state} ${farOf(status)}${parts.join(', ')}`;
}

const farOf = ({ state, fraction }: JobStatus) =>
  fraction === null || state !== 'running' ? '' : `${barOf(fraction)} ${Math.floor(fraction * 100)} %, `;

const didOf = ({ pages, counts }: JobStatus): string[] => [
  `${number(pages)} ${pages === 1 ? 'page' : 'pages'}`,
  ...Object.entries(counts).map(([name, count]) => `${number(count)} ${name}`),
];

export function jobsTable(jobs: readonly ListedJob[]): string {
  const table = new Table({
    head: ['pipeline', 'job', 'every', 'last run', 'next run', 'now'],
    style: { head: [], border: [], compact: true },
  });
  for (const each of jobs)
    table.push([
      each.pipeline,
      each.job,
      everyOf(each.everyMs / 1000),
      each.last ? lastRun(each.last) : '',
      each.next === null ? '' : second(each.next),
      nowOf(each),
    ]);
  return table.toString();
}

function everyOf(seconds: number): string {
  if (seconds % 3600 === 0) return `${number(seconds / 3600)} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function lastRun({ startedAt, endedAt, result, why, status }: EndedRun): string {
  if (result === null || endedAt === null) return `${second(startedAt)}, Temporal no longer knows its end`;
  const took = duration((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  return [
    `${second(startedAt)} ${result} in ${took}`,
    ...(status ? [didOf(status).join(', ')] : []),
    ...(why === null ? [] : [why]),
  ].join('\n');
}

function nowOf({ scheduled, paused, running }: ListedJob): string {
  if (!scheduled) return 'not scheduled: no worker has started with it';
  const lines = paused === null ? [] : [`paused: ${paused}`];
  if (running?.status) lines.push(`running ${farOf(running.status)}${didOf(running.status).join(', ')}`);
  else if (running) lines.push(`running since ${second(running.startedAt)}, no worker answers`);
  return lines.join('\n');
}

const second = (time: string) => time.replace(/\.\d+Z$/, 'Z');

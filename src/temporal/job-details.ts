import type { JobStatus } from './jobs.ts';

const number = (n: number) => n.toLocaleString('en');

/** Markdown for the Web UI; no row values. `now`: milliseconds since the epoch. */
export function jobDetails(status: JobStatus, now: number): string {
  const { state, pages, counts, fraction, rate } = status;
  const left = jobSecondsLeft(status, now);
  const facts = [
    `**${state}**`,
    `${number(pages)} pages`,
    ...(fraction === null ? [] : [`${Math.floor(fraction * 100)} %`]),
    ...(rate === null ? [] : [`${rate.toFixed(1)} pages/s`]),
    ...(left === null ? [] : [`about ${Math.ceil(left / 60)} min left`]),
  ];
  const lines = Object.entries(counts).map(([name, count]) => `| ${name} | ${number(count)} |`);
  return [facts.join(', '), ...(lines.length > 0 ? ['', '| | |', '| --- | --- |', ...lines] : [])].join('\n');
}

/** Null where nobody can tell: it has ended, or does not say how far it is. */
export function jobSecondsLeft({ state, fraction, startedAt }: JobStatus, now: number): number | null {
  if (state !== 'running' || fraction === null || fraction === 0) return null;
  const seconds = (now - Date.parse(startedAt)) / 1000;
  return (seconds * (1 - fraction)) / fraction;
}

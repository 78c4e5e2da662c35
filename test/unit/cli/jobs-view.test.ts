import { expect, test } from '@jest/globals';
import { jobsTable, jobSummary, jobTable } from '../../../src/cli/jobs-view.ts';
import type { ListedJob } from '../../../src/cli/list-jobs.ts';
import { jobDetails, jobSecondsLeft } from '../../../src/temporal/job-details.ts';
import type { JobStatus } from '../../../src/temporal/jobs.ts';

const status: JobStatus = {
  pipeline: 'blog',
  job: 'refresh',
  state: 'running',
  cursor: 'secret-key',
  pages: 12,
  counts: { rows: 12_000, skipped: 3 },
  fraction: 0.25,
  startedAt: '2026-01-08T10:00:00.000Z',
  rate: 1.25,
};
const tenMinutesOn = Date.parse('2026-01-08T10:10:00.000Z');

test('a line says how far a run is; one that has ended says what it did', () => {
  expect(jobSummary(status)).toMatch(
    /^blog\/refresh: running \[█{6}░{18}\] 25 %, 12 pages, 12,000 rows, 3 skipped, 1.3 pages\/s, .* left$/,
  );
  const done = { ...status, state: 'done', pages: 1, fraction: 1 } as const;
  expect(jobSummary(done)).toBe('blog/refresh: done 1 page, 12,000 rows, 3 skipped');
  expect(jobTable({ ...done, counts: {} })).toBe('blog/refresh: done 1 page');
});

test('the Web UI is shown counts and the time that is left, and no cursor', () => {
  const text = jobDetails(status, tenMinutesOn);
  expect(text).toContain('**running**, 12 pages, 25 %, 1.3 pages/s, about 30 min left');
  expect(text).toContain('| rows | 12,000 |');
  expect(text).not.toContain('secret-key');
});

test('how long a run takes is told only where it can be', () => {
  expect(jobSecondsLeft(status, tenMinutesOn)).toBe(1800);
  expect(jobSecondsLeft({ ...status, fraction: null }, tenMinutesOn)).toBeNull();
  expect(jobSecondsLeft({ ...status, fraction: 0 }, tenMinutesOn)).toBeNull();
  expect(jobSecondsLeft({ ...status, state: 'failed' }, tenMinutesOn)).toBeNull();
});

test('the list says how often each runs, how the last run ended, and what stands in the way of the next', () => {
  const run = { workflowId: 'w', startedAt: '2026-01-08T10:00:00.123Z' };
  const job: ListedJob = {
    pipeline: 'blog',
    job: 'refresh',
    description: '',
    everyMs: 90_000,
    scheduled: true,
    paused: null,
    next: null,
    last: null,
    running: null,
  };
  const row = (changes: Partial<ListedJob>) => jobsTable([{ ...job, ...changes }]);
  expect(row({})).toContain('90 s');
  expect(row({ everyMs: 300_000 })).toContain('5 min');
  expect(row({ everyMs: 86_400_000 })).toContain('24 h');
  expect(row({ scheduled: false })).toContain('not scheduled: no worker has started with it');
  expect(row({ running: { ...run, status: null } })).toContain(
    'running since 2026-01-08T10:00:00Z, no worker answers',
  );
  const ended = { ...run, endedAt: '2026-01-08T10:00:03.123Z', result: 'failed', why: 'failed: x (bug)' };
  const failed = row({ paused: 'too loud', last: { ...ended, status } });
  expect(failed).toContain('2026-01-08T10:00:00Z failed in 3 s');
  expect(failed).toContain('12 pages, 12,000 rows, 3 skipped');
  expect(failed).toContain('failed: x (bug)');
  expect(failed).toContain('paused: too loud');
  const forgotten = { ...run, endedAt: null, result: null, why: null, status: null };
  expect(row({ last: forgotten })).toContain('Temporal no longer knows its end');
});

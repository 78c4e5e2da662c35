import { expect, test } from '@jest/globals';
import { countBySignature, countTable } from '../../../src/cli/dead-letter-counts.ts';
import { decisions } from '../../../src/cli/dead-letter-view.ts';
import type { OpenDeadLetter } from '../../../src/cli/dead-letters.ts';
import type { Decided } from '../../../src/cli/decide-dead-letters.ts';

const opened = (signature: string | null, at: string): OpenDeadLetter => ({
  event_id: at,
  pipeline: 'pair',
  entity: 'parents',
  operation: 'CREATE',
  side: 'left',
  error_class: 'data',
  signature,
  opened_at: at,
});

test('dead letters are counted by signature, the most frequent first', () => {
  const counts = countBySignature([
    opened('data/b', '2026-01-03T00:00:00.000Z'),
    opened('data/a', '2026-01-02T00:00:00.000Z'),
    opened('data/b', '2026-01-01T00:00:00.000Z'),
    opened('data/b', '2026-01-02T00:00:00.000Z'),
  ]);
  expect(counts).toEqual([
    { signature: 'data/b', count: 3, oldest: '2026-01-01T00:00:00.000Z', newest: '2026-01-03T00:00:00.000Z' },
    { signature: 'data/a', count: 1, oldest: '2026-01-02T00:00:00.000Z', newest: '2026-01-02T00:00:00.000Z' },
  ]);
  expect(countTable(counts)).toMatch(/data\/b.*3.*2026-01-01.*2026-01-03[^]*4 open$/);
  expect(countTable([])).toBe('no open dead letter');
});

const undone: Decided = { event_id: 'e', state: null, outcome: null, error: null, skipped: null };

test('what became of many ends with a summary', () => {
  const text = decisions([
    { ...undone, state: 'resolved', outcome: 'applied' },
    { ...undone, state: 'retrying' },
    { ...undone, skipped: 'a retry is running' },
    { ...undone, state: 'open', error: 'failed again: no' },
  ]);
  expect(text.split('\n')).toEqual([
    'e  resolved, applied',
    'e  retrying',
    'e  skipped: a retry is running',
    'e  failed: failed again: no',
    '',
    '1 resolved, 1 retrying, 1 skipped, 1 failed',
  ]);
});

test('an event that came too late offers to read its row', () => {
  const stale: Decided = { ...undone, state: 'resolved', outcome: 'stale' };
  expect(decisions([stale])).toMatch(/^e {2}resolved, stale: .* tandem dlq retry e --reread$/);
  expect(decisions([stale], { reread: true })).toBe('e  resolved, stale');
});

import { expect, test } from '@jest/globals';
import { fail, ok } from '../../../src/doctor/finding.ts';
import type { Fix } from '../../../src/doctor/finding.ts';
import { applyFixes } from '../../../src/doctor/fix.ts';
import { reportJson, reportText } from '../../../src/doctor/report.ts';

test('each repair is done once, in order, and one that fails keeps none back', async () => {
  const ran: string[] = [];
  const fix = (key: string, work: () => string): Fix => ({
    key,
    async run() {
      ran.push(key);
      return work();
    },
  });
  const topics = fix('topics', () => 'made a, b');
  const ledger = fix('ledger', () => {
    throw new Error('refused\nwith a second line');
  });
  const reports = [
    { name: 'a', title: 'A', findings: [fail('ledger', 'old', 'migrate', ledger), ok('x', 'well')] },
    {
      name: 'b',
      title: 'B',
      findings: [fail('a', 'gone', 'make', topics), fail('b', 'gone', 'make', topics)],
    },
  ];
  const fixed = await applyFixes(reports);
  expect(ran).toEqual(['ledger', 'topics']);
  expect(fixed).toEqual([
    { subject: 'ledger', did: null, failure: 'refused' },
    { subject: 'topics', did: 'made a, b', failure: null },
  ]);

  const text = reportText(reports, { color: false, verbose: false, fixed }).split('\n');
  expect(text.slice(0, 3)).toEqual(['not fixed  ledger: refused', 'fixed  topics: made a, b', '']);
  expect(text.at(-1)).toBe('3 of these can be repaired by: tandem doctor --fix');
  const json = JSON.parse(reportJson(reports, fixed)) as Record<string, unknown>;
  expect(json['fixed']).toEqual(fixed);
  expect(json['checks']).toMatchObject([{ findings: [{ fixable: true }, { status: 'ok' }] }, {}]);
});

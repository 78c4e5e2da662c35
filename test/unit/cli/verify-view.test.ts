import { expect, test } from '@jest/globals';
import { verifyHtml } from '../../../src/cli/verify-html.ts';
import { verifyReport, verifySummary } from '../../../src/cli/verify-view.ts';
import type { VerifyStatus } from '../../../src/temporal/verify.ts';

const status: VerifyStatus = {
  pipeline: 'blog',
  state: 'done',
  repair: { from: 'legacy', dryRun: true },
  sample: null,
  since: null,
  startedAt: '2026-11-27T00:00:00.000Z',
  endedAt: '2026-11-27T00:01:00.000Z',
  entities: [
    {
      entity: 'users',
      side: 'legacy',
      other: 'revamp',
      twoWay: true,
      rows: { legacy: 1200, revamp: 1199 },
      totals: { legacy: 1200, revamp: 1199 },
      mappings: 1200,
      settled: 3,
      moving: 1,
      found: {
        different: { rows: 1, examples: [{ key: '42', other: '17' }] },
        'missing on revamp': { rows: 1, examples: [{ key: '43', other: null }] },
      },
      columns: {
        email: {
          rows: 1,
          examples: [
            {
              key: '42',
              other: '17',
              value: { from: 'email', to: 'email_address', expected: '<b>&"', held: null },
            },
          ],
        },
      },
      repaired: 0,
      left: { 'column status cannot be brought over': 1 },
      startedAt: null,
      endedAt: null,
    },
  ],
  planned: [
    {
      entity: 'users',
      side: 'revamp',
      key: '17',
      write: 'update',
      columns: [{ name: 'email_address', before: null, after: '<b>&"' }],
    },
  ],
  plannedMore: 2,
  rate: null,
};

test('a report says which rows and columns are wrong, and what a repair would write', () => {
  expect(verifySummary(status)).toBe('blog: done 2,399 rows, 2 wrong, 1 still moving');
  const report = verifyReport(status);
  for (const line of [
    '  different: 1  legacy:42 = revamp:17',
    '  missing on revamp: 1  legacy:43',
    '    legacy:42 = revamp:17  "<b>&\\"" ≠ null',
    '  not repaired: 1, column status cannot be brought over',
    '  update users revamp:17  email_address null → "<b>&\\""',
    '  … and 2 more',
  ])
    expect(report.split('\n')).toContain(line);
  expect(verifySummary({ ...status, entities: [] })).toBe('blog: done 0 rows, both sides agree');
});

test('a value in the page is text', () => {
  const page = verifyHtml(status);
  expect(page).toContain('&#60;b&#62;&#38;');
  expect(page).not.toContain('<b>');
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { errorClasses } from '../../../src/errors/error-class.ts';
import { policyFor } from '../../../src/errors/policy.ts';
import { packageRoot } from '../../../src/package-root.ts';

const runbook = readFileSync(join(packageRoot, 'docs', 'troubleshooting.md'), 'utf8');
const row = (errorClass: string) =>
  runbook.split('\n').find((line) => line.startsWith(`| \`${errorClass}\``));

test.each(errorClasses)('the runbook says what %s means and what to do', (errorClass) => {
  const cells = row(errorClass)
    ?.split('|')
    .map((cell) => cell.trim());
  expect(cells).toHaveLength(6);
  for (const cell of cells!.slice(1, 5)) expect(cell).not.toBe('');
});

test.each(errorClasses)(
  'the runbook agrees with the policy of %s on whether a dead letter follows',
  (errorClass) => {
    const { retries, deadlineMs } = policyFor(errorClass);
    const never = retries === null && deadlineMs === null;
    expect(row(errorClass)?.includes('no dead letter')).toBe(never);
  },
);

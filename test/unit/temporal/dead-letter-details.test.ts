import { describe, expect, test } from '@jest/globals';
import { errorClasses } from '../../../src/errors/error-class.ts';
import type { ErrorClass } from '../../../src/errors/error-class.ts';
import { policyFor } from '../../../src/errors/policy.ts';
import { deadLetterDetails } from '../../../src/temporal/dead-letter-details.ts';
import type { Failure } from '../../../src/temporal/failures.ts';
import type { DeadColumn, DeadRow } from '../../../src/temporal/dead-row.ts';
import type { DeadLetterStatus, DeadSubject } from '../../../src/temporal/messages.ts';
import { TwoSides } from '../../support/two-sides.ts';

const subject: DeadSubject = {
  kind: 'record',
  eventId: 'e1',
  side: 'left',
  reference: { topic: 'left.people', partition: 0, offset: '5', expires: null },
  key: null,
  raw: null,
};

const statusOf = (errorClass: ErrorClass, failed: Partial<Failure> = {}): DeadLetterStatus => ({
  eventId: 'e1',
  pipeline: 'pair',
  entity: null,
  source: 'left',
  state: 'open',
  failure: {
    errorClass,
    message: 'refused',
    stack: '',
    signature: `${errorClass}/x`,
    retryCount: 0,
    failedAt: '2026-01-08T10:00:00.000Z',
    ...failed,
  },
  hint: policyFor(errorClass).hint,
  retries: 0,
  openedAt: '2026-01-08T10:00:00.000Z',
  discardReason: null,
  by: null,
  outcome: null,
});

test.each(errorClasses)('a dead letter of class %s shows the section of the runbook', (errorClass) => {
  const details = deadLetterDetails(subject, statusOf(errorClass));
  expect(details).toContain(`docs/runbook.md#${errorClass}`);
  expect(details).toContain('`tandem dlq show e1`');
});

describe('the row of a dead event', () => {
  const event = new TwoSides().insert('left', 'parents', { name: 'n' });
  const status = statusOf('data', { column: 'title' });
  const detailsOf = (columns: readonly DeadColumn[], row: Partial<DeadRow> = {}) =>
    deadLetterDetails({ kind: 'event', event }, status, {
      row: { at: 'T', source: 'left', target: 'right', held: true, unread: null, columns, ...row },
    });
  const name: DeadColumn = { from: 'name', to: 'title', event: 'n', mapped: 'n', held: 'old' };

  test('is a table with the column that failed first, and what to type names it', () => {
    const details = detailsOf([{ from: 'id', to: 'id', event: '1', mapped: '9', held: '9' }, name]);
    expect(details).toContain(
      [
        '| left → right | the event | right holds |',
        '| --- | --- | --- |',
        '| **name → title** failed | `n` | `old` |',
        '| id | `1`, written as `9` | `9` |',
      ].join('\n'),
    );
    expect(details).toContain('`edit` with `{"columns": {"name": "NEW VALUE"}}`');
    expect(details).toContain('`retry` without input');
  });

  test('says what is missing', () => {
    const details = detailsOf([{ from: 'name', to: 'title', event: null, refused: 'no codec' }], {
      held: false,
      unread: 'right is away',
    });
    expect(details).toContain('| NULL: no codec |  |');
    expect(details).toContain('Not all could be read: right is away. right has no such row. Looked at T.');
    expect(deadLetterDetails(subject, status, { unread: 'away' })).toContain('could not be read: away');
  });

  test('stays a table whatever its values hold', () => {
    const details = detailsOf([{ ...name, event: 'a|b\n`c', mapped: 'a|b\n`c', held: '' }]);
    expect(details).toContain('| `` a\\|b `c `` | 0 spaces |');
  });

  test('is cut where it is wide, and says so', () => {
    const wide = Array.from({ length: 300 }, (_, n) => ({ ...name, from: `c${n}`, to: `c${n}` }));
    const details = detailsOf(wide);
    expect(details.length).toBeLessThan(6000);
    expect(details).toMatch(/\n\d+ more columns: query `row`/);
  });
});

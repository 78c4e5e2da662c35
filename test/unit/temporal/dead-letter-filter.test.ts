import { expect, test } from '@jest/globals';
import { deadLetterQuery } from '../../../src/temporal/dead-letter-filter.ts';

test('every part of a filter narrows the open dead letters', () => {
  const filter = {
    pipeline: 'blog',
    entity: 'users',
    class: 'data',
    signature: 'data/users/-/name',
    side: 'legacy',
    olderThan: '2026-01-08T10:00:00.000Z',
    newerThan: '2026-01-01T10:00:00.000Z',
  };
  expect(deadLetterQuery(filter)).toBe(
    "WorkflowType = 'deadLetter' AND ExecutionStatus = 'Running' AND TandemPipeline = 'blog'" +
      " AND TandemEntity = 'users' AND TandemErrorClass = 'data' AND TandemErrorSignature = 'data/users/-/name'" +
      " AND TandemSide = 'legacy' AND StartTime < '2026-01-08T10:00:00.000Z' AND StartTime > '2026-01-01T10:00:00.000Z'",
  );
});

test('what an operator types cannot change the query', () => {
  expect(deadLetterQuery({ entity: "x' OR TandemEntity = 'y\\" })).toContain(
    String.raw`TandemEntity = 'x\' OR TandemEntity = \'y\\'`,
  );
});

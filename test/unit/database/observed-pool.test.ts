import { expect, test } from '@jest/globals';
import { summaryOf } from '../../../src/database/observed-pool.ts';

test.each([
  ['INSERT INTO "tandem"."processed_events" (event_id) VALUES ($1)', 'INSERT tandem.processed_events'],
  ['UPDATE `revamp_users` SET `a` = ? WHERE `id` = ?', 'UPDATE revamp_users'],
  ['SELECT "a" FROM "legacy_users" WHERE "id" = $1 FOR UPDATE', 'SELECT legacy_users'],
  ['\n  delete from `t` where `name` = ?', 'DELETE t'],
  ['WITH given AS (SELECT $1) INSERT INTO t SELECT * FROM given', 'WITH t'],
  ['START TRANSACTION', 'START'],
  ['COMMIT', 'COMMIT'],
])('a statement is told by verb and table: %s', (statement, summary) => {
  expect(summaryOf(statement)).toBe(summary);
});

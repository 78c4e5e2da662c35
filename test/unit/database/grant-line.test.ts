import { expect, test } from '@jest/globals';
import { coversSchema, grantedRoles, parseGrant } from '../../../src/database/mysql/grant-line.ts';
import { excessOf } from '../../../src/database/mysql/inspect-excess.ts';

test.each([
  ['GRANT USAGE ON *.* TO `u`@`%`', { privileges: ['USAGE'], place: '*.*', schema: '*', table: '*' }],
  [
    'GRANT SELECT (`a`, `b`), INSERT ON `d`.`t` TO `u`@`%` WITH GRANT OPTION',
    { privileges: ['SELECT', 'INSERT', 'GRANT OPTION'], place: '`d`.`t`', schema: 'd', table: 't' },
  ],
  [
    'GRANT ALL PRIVILEGES ON `d\\_1`.* TO `u`@`%`',
    { privileges: ['ALL PRIVILEGES'], place: '`d\\_1`.*', schema: 'd\\_1', table: '*' },
  ],
  [
    'GRANT REPLICATION_APPLIER,TRANSACTION_GTID_TAG ON *.* TO `u`@`%`',
    { privileges: ['REPLICATION_APPLIER', 'TRANSACTION_GTID_TAG'], place: '*.*', schema: '*', table: '*' },
  ],
  ['GRANT `role`@`%` TO `u`@`%`', null],
  ['GRANT EXECUTE ON PROCEDURE `d`.`p` TO `u`@`%`', null],
])('%s', (text, parsed) => {
  expect(parseGrant(text)).toEqual(parsed);
});

test('roles are named as statements name them', () => {
  expect(grantedRoles('GRANT `a`@`%`,`b`@`localhost` TO `u`@`%`')).toEqual(['`a`@`%`', '`b`@`localhost`']);
  expect(grantedRoles('GRANT SELECT ON `d`.`t` TO `u`@`%`')).toEqual([]);
});

test.each([
  ['*', 'anything', true],
  ['a_b', 'axb', true],
  [String.raw`a\_b`, 'axb', false],
  [String.raw`a\_b`, 'a_b', true],
  ['a%', 'abc', true],
  ['a.c', 'abc', false],
])('schema %s covers %s: %s', (pattern, database, covered) => {
  expect(coversSchema(pattern, database)).toBe(covered);
});

const places = [
  { database: 'd', table: 'written', needed: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] },
  { database: 'd', table: 'only_read', needed: ['SELECT'] },
  { database: 'tandem', table: 'conflicts', needed: ['SELECT', 'INSERT'] },
];

test.each([
  ['GRANT SELECT, INSERT, DELETE ON `d`.`written` TO `u`@`%`', []],
  ['GRANT SELECT, INSERT ON `d`.`only_read` TO `u`@`%`', ['INSERT']],
  ['GRANT SELECT, INSERT ON `d`.* TO `u`@`%`', ['INSERT']],
  ['GRANT INSERT, DELETE, DROP ON `tandem`.`conflicts` TO `u`@`%`', ['DELETE', 'DROP']],
  ['GRANT ALL PRIVILEGES ON `another`.* TO `u`@`%`', []],
  ['GRANT REPLICATION CLIENT, SUPER ON *.* TO `u`@`%`', ['SUPER']],
] as const)('%s is too much by %j', (text, excess) => {
  expect(excessOf(parseGrant(text)!, places, false)).toEqual(excess);
});

import { describe, expect, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { classify as classifyMysql } from '../../../src/database/mysql/classify.ts';
import { errorNumbers } from '../../../src/database/mysql/error-numbers.ts';
import { classify as classifyPostgres, meanings } from '../../../src/database/postgres/classify.ts';
import { asTransport } from '../../../src/database/transport.ts';
import { errorClasses } from '../../../src/errors/error-class.ts';
import type { ErrorClass } from '../../../src/errors/error-class.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';

const postgres = (code: string, fields: Partial<DatabaseError> = {}) =>
  Object.assign(new DatabaseError('Key (email)=(secret) …', 10, 'error'), { code, ...fields });
const mysql = (errno: number, sqlMessage = '', sqlState: string | undefined = 'HY000') =>
  Object.assign(new Error(sqlMessage), { errno, sqlState, sqlMessage, code: 'ER_SOMETHING' });

/** Every listed code, once more and by hand: the table decides what happens to an event. */
const sqlStates: Record<ErrorClass, readonly string[]> = {
  unavailable: [
    '25006',
    '25P03',
    '25P04',
    '28000',
    '28P01',
    '3D000',
    '40003',
    '42501',
    '53100',
    '53300',
    '53400',
    '55006',
    '57014',
  ],
  schema: ['3F000', '42703', '42804', '42P01', '428C9'],
  contention: ['40001', '40P01', '55P03'],
  waiting_for_row: ['23001'],
  constraint: ['23502', '23503', '23505', '23514', '23P01', '44000', 'P0001'],
  data: ['22001', '22003', '22007', '22008', '22021', '22P02', '22P05', '54000'],
  bug: [],
};

const numbers: Record<ErrorClass, readonly number[]> = {
  unavailable: [
    1021, 1026, 1030, 1037, 1038, 1040, 1041, 1044, 1045, 1049, 1053, 1114, 1129, 1130, 1142, 1143, 1152,
    1158, 1159, 1160, 1161, 1184, 1203, 1226, 1227, 1290, 1317, 1370, 1598, 1637, 1698, 1792, 1820, 1836,
    1862, 2002, 2003, 2006, 2013, 3024, 3032, 3118, 3159, 3169, 4031, 6038,
  ],
  schema: [1054, 1146, 3105],
  contention: [1205, 1213, 1412, 3101, 3572],
  waiting_for_row: [1217, 1451],
  constraint: [1022, 1048, 1062, 1169, 1216, 1364, 1369, 1452, 1586, 1644, 1761, 1762, 3819],
  data: [
    1118, 1153, 1264, 1265, 1292, 1300, 1366, 1367, 1406, 1411, 1525, 1690, 1713, 3140, 3141, 3144, 3156,
    3157, 3988,
  ],
  bug: [],
};

describe('PostgreSQL', () => {
  test.each(errorClasses)('%s', (errorClass) => {
    for (const code of sqlStates[errorClass])
      expect({ code, class: classifyPostgres(postgres(code)).errorClass }).toEqual({
        code,
        class: errorClass,
      });
  });

  test('every code of the table is in this test', () => {
    expect(Object.keys(meanings).toSorted()).toEqual(Object.values(sqlStates).flat().toSorted());
  });

  test.each([
    ['08006', 'unavailable'],
    ['57P01', 'unavailable'],
    ['53200', 'unavailable'],
    ['58030', 'unavailable'],
    ['22012', 'data'],
    ['23000', 'constraint'],
    ['40002', 'contention'],
    ['42601', 'bug'],
    ['XX000', 'bug'],
    ['25P02', 'bug'],
  ])('a code that is not listed goes by its class: %s is %s', (code, errorClass) => {
    expect(classifyPostgres(postgres(code)).errorClass).toBe(errorClass);
  });

  test('a foreign key that refuses a delete waits for the child', () => {
    expect(classifyPostgres(postgres('23503'), 'delete').errorClass).toBe('waiting_for_row');
  });

  test('table, column and constraint come from the fields; the message of the server does not come along', () => {
    const error = classifyPostgres(
      postgres('23505', { table: 'users', constraint: 'users_email_key', detail: 'Key (email)=(secret)' }),
    );
    expect(error).toMatchObject({ code: '23505', constraint: 'users_email_key', column: undefined });
    expect(error.message).toBe(
      'another row holds the same unique value: table users, constraint users_email_key (23505)',
    );
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('secret');
    expect(error.cause).toBeUndefined();
  });
});

describe('MySQL', () => {
  test.each(errorClasses)('%s', (errorClass) => {
    for (const number of numbers[errorClass])
      expect({ number, class: classifyMysql(mysql(number)).errorClass }).toEqual({
        number,
        class: errorClass,
      });
  });

  test('every number of the table is in this test', () => {
    const listed = Object.values(numbers)
      .flat()
      .toSorted((a, b) => a - b);
    expect(Object.keys(errorNumbers).map(Number)).toEqual(expect.arrayContaining(listed));
    expect(listed).toHaveLength(Object.keys(errorNumbers).length);
  });

  test.each([
    ['08S01', 'unavailable'],
    ['28000', 'unavailable'],
    ['22001', 'data'],
    ['23000', 'constraint'],
    ['40001', 'contention'],
    ['45000', 'constraint'],
    ['42000', 'bug'],
    ['HY000', 'bug'],
  ])('a number that is not listed goes by its SQLSTATE: %s is %s', (state, errorClass) => {
    expect(classifyMysql(mysql(9999, '', state)).errorClass).toBe(errorClass);
  });

  test('a refusal before the handshake has no SQLSTATE', () => {
    expect(classifyMysql(mysql(1040, 'Too many connections', undefined)).errorClass).toBe('unavailable');
  });

  const fk =
    'a foreign key constraint fails (`db`.`pets`, CONSTRAINT `pets_owner` FOREIGN KEY (`owner`) REFERENCES `people` (`id`))';
  test.each([
    [1062, "Duplicate entry 'secret' for key 'users.email'", { constraint: 'users.email' }],
    [1062, "Duplicate entry 'x' for key 'secret' for key 'users.email'", { constraint: 'users.email' }],
    [1062, "Duplicate entry 'for key 'secret", { constraint: undefined }],
    [1366, "Incorrect integer value: 'secret' for column 'age' at row 1", { column: 'age' }],
    [1366, "Incorrect string value: 'column 'secret' at row 1' for column 'age' at row 1", { column: 'age' }],
    [1292, "Incorrect datetime value: 'secret' for column 'born' at row 1", { column: 'born' }],
    [1292, "Truncated incorrect DOUBLE value: 'secret'", { column: undefined }],
    [1406, "Data too long for column 'name' at row 1", { column: 'name' }],
    [1264, "Out of range value for column 'age' at row 1", { column: 'age' }],
    [1048, "Column 'name' cannot be null", { column: 'name' }],
    [1364, "Field 'name' doesn't have a default value", { column: 'name' }],
    [1054, "Unknown column 'nick' in 'field list'", { column: 'nick' }],
    [1451, `Cannot delete or update a parent row: ${fk}`, { constraint: 'pets_owner' }],
    [1452, `Cannot add or update a child row: ${fk}`, { constraint: 'pets_owner' }],
    [3819, "Check constraint 'adult' is violated.", { constraint: 'adult' }],
    [1644, "secret for key 'secret' at row 1", { column: undefined, constraint: undefined }],
  ])('names in the message of %d: %s', (errno, message, names) => {
    const error = classifyMysql(mysql(errno, message));
    expect(error).toMatchObject(names);
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('secret');
  });
});

describe.each([
  ['PostgreSQL', classifyPostgres],
  ['MySQL', classifyMysql],
] as const)('without a server code, %s', (_engine, classify) => {
  test.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'ETIMEDOUT',
    'EPIPE',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'PROTOCOL_CONNECTION_LOST',
    'PROTOCOL_SEQUENCE_TIMEOUT',
  ])('%s is unavailable', (code) => {
    const error = classify(Object.assign(new Error('connect 10.0.0.1'), { code, errno: -111 }));
    expect(error).toMatchObject({ errorClass: 'unavailable', code });
  });

  test('a plain error of the driver is a lost connection', () => {
    const plain = new Error('Connection terminated unexpectedly');
    expect(classify(asTransport(plain, 'lost')).errorClass).toBe('unavailable');
  });

  test('a TypeError in the driver is a bug, and its message stays behind', () => {
    const error = classify(asTransport(new TypeError('cannot bind secret'), 'lost'));
    expect(error.errorClass).toBe('bug');
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('secret');
    expect(error.stack).toContain('classify.test.ts');
  });

  test('what is classified already stays as it is', () => {
    const own = new SyncError('data', 'mine');
    expect(classify(own)).toBe(own);
  });

  test.each([undefined, null, 'text', 7, {}])('%p thrown is a bug', (thrown) => {
    expect(classify(thrown).errorClass).toBe('bug');
  });
});

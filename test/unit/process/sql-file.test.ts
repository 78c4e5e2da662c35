import { expect, test } from '@jest/globals';
import { statementsOf } from '../../../src/process/sql-file.ts';

test('lines of the mysql client end statements and do not reach the server', () => {
  const file = [
    'CREATE TABLE a (b INT);',
    'DELIMITER //',
    'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW',
    'BEGIN',
    '  SET NEW.b = 1;',
    'END',
    '//',
    'DELIMITER ;',
    '-- done //',
    'DO 0;',
  ].join('\n');
  expect(statementsOf(file).split('\n')).toEqual([
    'CREATE TABLE a (b INT);',
    'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW',
    'BEGIN',
    '  SET NEW.b = 1;',
    'END',
    ';',
    '-- done //',
    'DO 0;',
  ]);
});

test('a file without such lines is left as it is', () => {
  const file = "SELECT '//';\n//\nSELECT 1;\n";
  expect(statementsOf(file)).toBe(file);
});

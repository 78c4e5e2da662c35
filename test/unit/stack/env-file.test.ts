import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ownValues, readEnvFile, writeEnvFile } from '../../../src/stack/env-file.ts';
import { temporaryFolder } from './temporary.ts';

test('what is written is read back, odd characters included', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'env');
  const variables = { LEGACY_DATABASE_URL: 'postgres://u:p@127.0.0.1:1/db?x=y', ODD: 'a b#c$d', EMPTY: '' };
  writeEnvFile(file, variables);
  expect(readEnvFile(file)).toEqual(variables);
});

test('a second write replaces the first', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'env');
  writeEnvFile(file, { A: '1', B: '2' });
  writeEnvFile(file, { A: '3' });
  expect(readEnvFile(file)).toEqual({ A: '3' });
});

test('no file, no variables', () => {
  expect(readEnvFile('/nowhere/env')).toEqual({});
});

test('what was given is in the file and does not count as our own', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'env');
  writeEnvFile(file, { CONNECT_URL: 'ours' }, { KAFKA_BROKERS: 'elsewhere' });
  expect(readEnvFile(file)).toEqual({ CONNECT_URL: 'ours', KAFKA_BROKERS: 'elsewhere' });
  expect(ownValues(folder.path)).toEqual(new Set(['ours']));
});

test('the values of every stack below a folder count as our own', () => {
  using folder = temporaryFolder();
  writeEnvFile(join(folder.path, 'env'), { KAFKA_BROKERS: 'one' });
  writeEnvFile(join(folder.path, 'test', 'env'), { KAFKA_BROKERS: 'two' });
  expect(ownValues(folder.path)).toEqual(new Set(['one', 'two']));
});

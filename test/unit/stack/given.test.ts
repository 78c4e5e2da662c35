import { expect, test } from '@jest/globals';
import { givenAddresses } from '../../../src/stack/given.ts';

const group = {
  required: { LEGACY_DATABASE_URL: 'postgres://ours', LEGACY_ADMIN_URL: 'postgres://ours-admin' },
  optional: { LEGACY_NOTE: 'ours' },
};
const none: ReadonlySet<string> = new Set();

test('nothing given: the stack serves it', () => {
  expect(givenAddresses(group, {}, none)).toBeUndefined();
  expect(givenAddresses(group, { LEGACY_DATABASE_URL: '', LEGACY_ADMIN_URL: '' }, none)).toBeUndefined();
});

test('all given: the environment replaces it, with the optional ones that are there', () => {
  const environment = { LEGACY_DATABASE_URL: 'a', LEGACY_ADMIN_URL: 'b' };
  expect(givenAddresses(group, environment, none)).toEqual(environment);
  expect(givenAddresses(group, { ...environment, LEGACY_NOTE: 'c' }, none)).toEqual({
    ...environment,
    LEGACY_NOTE: 'c',
  });
});

test('half given is an error that names both halves', () => {
  expect(() => givenAddresses(group, { LEGACY_DATABASE_URL: 'a' }, none)).toThrow(
    'LEGACY_DATABASE_URL is given by the environment, and LEGACY_ADMIN_URL is not: give both or neither',
  );
});

test('what a stack wrote itself is not given, although a shell loaded it', () => {
  expect(givenAddresses(group, group.required, none)).toBeUndefined();
  const sibling = { LEGACY_DATABASE_URL: 'sibling', LEGACY_ADMIN_URL: 'sibling-admin' };
  expect(givenAddresses(group, sibling, new Set(Object.values(sibling)))).toBeUndefined();
});

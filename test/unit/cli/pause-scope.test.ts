import { expect, test } from '@jest/globals';
import { scopeNamed } from '../../../src/cli/pause-scope.ts';
import { pair } from '../../support/two-sides.ts';

test.each([
  ['pair', { kind: 'pipeline' }],
  ['pair/parents', { kind: 'entity', entity: 'parents' }],
  ['pair/left', { kind: 'side', side: 'left' }],
])('%s names what is paused', (text, scope) => {
  expect(scopeNamed(pair, text)).toEqual(scope);
});

test('a name the pipeline does not have is refused with those it has', () => {
  expect(() => scopeNamed(pair, 'pair/nobody')).toThrow(/only parents, children, left, right/);
});

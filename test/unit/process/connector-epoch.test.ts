import { describe, expect, test } from '@jest/globals';
import { epochOf, withEpoch } from '../../../src/process/connectors/epoch.ts';
import { readConnectors } from '../../../src/process/connectors/definition.ts';

const config = (epoch: string) => ({
  name: 'c',
  'transforms.mark.header': 'tandem.epoch',
  'transforms.mark.value.literal': epoch,
});

describe('the epoch of a connector', () => {
  test.each([
    ['is what its file says where it is new', '1', null, false, 1],
    ['stays what is registered', '1', '3', false, 3],
    ['follows its variable upwards', '5', '3', false, 5],
    ['is raised over what is registered', '1', '3', true, 4],
    ['is raised where it is new', '1', null, true, 2],
  ])('%s', (_, wanted, registered, raise, expected) => {
    const applied = withEpoch(config(wanted), registered === null ? null : config(registered), raise);
    expect(epochOf(applied)).toBe(expected);
    expect(applied).toEqual(config(String(expected)));
  });

  test('cannot be raised where records carry none', () => {
    expect(() => withEpoch({ name: 'c' }, null, true)).toThrow(/c puts no tandem.epoch/);
    expect(withEpoch({ name: 'c' }, null, false)).toEqual({ name: 'c' });
  });

  test('is in every connector that is shipped', async () => {
    for (const { config: shipped } of await readConnectors(['blog-legacy', 'blog-revamp'], () => '7'))
      expect(epochOf(shipped)).toBe(7);
  });
});

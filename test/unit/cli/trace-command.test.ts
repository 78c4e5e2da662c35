import { beforeAll, expect, test } from '@jest/globals';
import { buildCli, tandem } from '../../support/built-cli.ts';

beforeAll(buildCli);

const form = 'error: name a row as ENTITY SIDE:KEY, or an event by --event alone';

test.each<[string[], string]>([
  [['cards', 'legacy:1', '--pipeline', 'blog'], 'there is no entity cards: blog has users, posts, likes'],
  [['users', 'middle:1', '--pipeline', 'blog'], 'name a row of users as legacy:KEY or revamp:KEY'],
  [[], form],
  [['users'], form],
  [['users', 'legacy:1', '--event', 'e'], form],
  [['--event', 'e', '--rows'], form],
])('a row or an event has to be named: %j', async (words, line) => {
  const { code, stderr } = await tandem(['trace', ...words], { TANDEM_PIPELINES: 'blog' });
  expect({ code, line: stderr.split('\n')[0] }).toEqual({ code: 2, line });
});

import { expect, test } from '@jest/globals';
import { rowNamed } from '../../../src/cli/named-row.ts';
import { ConfigError } from '../../../src/errors/config-error.ts';
import { integer, text } from '../../../src/pipeline/columns.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { definePipeline, entity, postgres, table } from '../../../src/pipeline/define.ts';
import { pair } from '../../support/two-sides.ts';

const shelves = compilePipeline(
  definePipeline({
    name: 'shelves',
    sides: { shop: postgres({ url: 'postgres://shop' }), store: postgres({ url: 'postgres://store' }) },
    entities: {
      slots: entity({
        direction: 'one_way',
        tables: {
          shop: table(
            'slots',
            { shelf: integer(), place: integer(), label: text() },
            { key: ['shelf', 'place'] },
          ),
          store: table(
            'slots',
            { shelf: integer(), place: integer(), label: text() },
            { key: ['shelf', 'place'] },
          ),
        },
        columns: { shelf: 'shelf', place: 'place', label: 'label' },
        key: 'same',
      }),
    },
  }),
);

const problemsOf = (...words: Parameters<typeof rowNamed>): readonly string[] => {
  try {
    rowNamed(...words);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('a row is named by its key on either side, a key of several columns as a JSON array however spaced', () => {
  expect(rowNamed([pair, shelves], 'parents', 'right:a:b')).toMatchObject({
    pipeline: { name: 'pair' },
    row: { side: 'right', key: 'a:b' },
    routes: [{ target: { side: 'right' } }, { target: { side: 'left' } }],
  });
  expect(rowNamed([pair, shelves], 'slots', 'store:[ "1", "2" ]').row).toEqual({
    side: 'store',
    key: '["1","2"]',
  });
});

test('what is not there is answered with what is, and without the key', () => {
  expect(problemsOf([pair, shelves], 'cards', 'left:42')).toEqual([
    'there is no entity cards: pair has parents, children; shelves has slots',
  ]);
  for (const wrong of ['middle:42', 'left:', '42'])
    expect(problemsOf([pair], 'parents', wrong)).toEqual(['name a row of parents as left:KEY or right:KEY']);
  for (const wrong of ['shop:1', 'shop:["1"]', 'shop:[1,2]'])
    expect(problemsOf([shelves], 'slots', wrong)).toEqual([
      `a key on shop has 2 columns: write shop:'["SHELF","PLACE"]'`,
    ]);
});

test('an entity of two pipelines has to be chosen', () => {
  expect(problemsOf([pair, { ...pair, name: 'other' }], 'parents', 'left:1')).toEqual([
    'parents is an entity of pair and other: choose with --pipeline',
  ]);
});

import { describe, expect, test } from '@jest/globals';
import { propose } from '../../../src/init/propose.ts';
import { mysqlShop, postgresShop } from '../../support/film-shops.ts';
import { liveTable } from '../../support/live-table.ts';

const { entities, leftOut } = propose('shops', [mysqlShop, postgresShop]);
const entity = (name: string) => entities.find((each) => each.name === name)!;
const pairs = (name: string) => entity(name).columns.map(({ from, to }) => `${from} ${to}`);

test('tables are paired in spite of other names, and parents come before children', () => {
  expect(entities.map(({ name, to }) => `${name} ${to.name}`)).toEqual([
    'language languages',
    'film films',
    'actor actors',
    'film_actor film_actors',
  ]);
});

test('what both databases number, they number each for itself; a key of references is mapped', () => {
  expect(entities.map(({ name, key }) => `${name} ${key.strategy}`)).toEqual([
    'language generated',
    'film generated',
    'actor generated',
    'film_actor mapped',
  ]);
});

test('columns of one meaning are paired, with a confidence and a reason each', () => {
  expect(pairs('actor')).toEqual(['first_name firstName', 'last_name lastName']);
  for (const { columns, confidence, reason } of entities)
    for (const each of [{ confidence, reason }, ...columns]) {
      expect(each.confidence).toBeGreaterThan(0);
      expect(each.confidence).toBeLessThanOrEqual(1);
      expect(each.reason).not.toBe('');
    }
});

test('a column that holds a key refers to the entity of that key', () => {
  expect(entity('film').columns.find(({ from }) => from === 'language_id')).toMatchObject({
    to: 'language_id',
    references: 'language',
  });
  expect(entity('film_actor').columns.map(({ references }) => references)).toEqual(['actor', 'film']);
});

test('values that differ get a codec', () => {
  const codec = (column: string) => entity('film').columns.find(({ from }) => from === column)?.values.codec;
  expect(codec('rating')).toEqual({
    type: 'labels',
    pairs: [
      ['G', 'g'],
      ['PG', 'pg'],
      ['R', 'r'],
    ],
  });
  expect(codec('shown_at')).toEqual({ type: 'utc', zoneless: 'second' });
  expect(codec('premiere')).toBeNull();
  expect(codec('title')).toBeNull();
});

test('a unique index of both sides says which rows are the same', () => {
  expect(entity('language').matchOn?.columns).toEqual(['name']);
  expect(entity('actor').matchOn).toBeNull();
});

describe('what is left out says why', () => {
  const why = (place: string) => leftOut.find((each) => each.place.startsWith(place))?.text;
  const note = (name: string, place: string) => entity(name).notes.find((each) => each.place.includes(place));

  test('rows that need each other', () => {
    expect(why('staff')).toMatch(/need each other/);
    expect(why('store')).toMatch(/need each other/);
  });

  test('rows that need a row of no entity', () => {
    expect(why('rental')).toMatch(/need store_id/);
  });

  test('a table without a counterpart', () => {
    expect(why('film_text')).toMatch(/no table of the other side/);
  });

  test('a column that the database writes itself would never come to rest', () => {
    expect(pairs('language')).toEqual(['name name']);
    expect(note('language', 'last_update')?.text).toMatch(/by itself/);
  });

  test('a column that must have a value and has no counterpart', () => {
    expect(note('film', 'fulltext')).toMatchObject({ side: 'new_shop', blocks: true });
    expect(note('film', 'special_features')).toMatchObject({ blocks: false });
  });
});

test('a circle that may be left open is cut at the column that may be empty', () => {
  const of = (engine: 'mysql' | 'postgres', type: string) => ({
    name: engine,
    engine,
    urlVariable: 'URL',
    tables: [
      liveTable(
        'team',
        { team_id: type, name: type, lead_person_id: `${type}?` },
        { foreignKeys: [{ columns: ['lead_person_id'], parent: 'person' }] },
      ),
      liveTable(
        'person',
        { person_id: type, team_id: type },
        { foreignKeys: [{ columns: ['team_id'], parent: 'team' }] },
      ),
    ],
  });
  const found = propose('teams', [of('mysql', 'int'), of('postgres', 'integer')]);
  expect(found.entities.map(({ name }) => name)).toEqual(['team', 'person']);
  expect(found.entities[0]!.columns.map(({ from }) => from)).toEqual(['name']);
  expect(found.entities[0]!.notes.map(({ place }) => place)).toContain('lead_person_id ↔ lead_person_id');
});

import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { columnKind, enumeration, integer, isNullable, text } from '../../../src/pipeline/columns.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../../src/pipeline/define.ts';
import type { EntityDefinition } from '../../../src/pipeline/define.ts';

const level = z.codec(enumeration('low', 'high'), enumeration('1', '2'), {
  decode: (l) => (l === 'low' ? '1' : '2'),
  encode: (n) => (n === '1' ? 'low' : 'high'),
});

const people = entity({
  tables: {
    old: table('people', { id: integer(), name: text(), level: enumeration('low', 'high') }),
    fresh: table('person', { id: integer(), full_name: text(), level: enumeration('1', '2') }),
  },
  columns: { name: 'full_name', level: ['level', level] },
});

const pets = entity({
  tables: {
    old: table('pets', { id: integer(), owner: integer(), name: text().nullable() }),
    fresh: table('crm.pet', { id: integer(), person_id: integer(), name: text().nullable() }),
  },
  columns: { owner: 'person_id', name: 'name' },
  references: { owner: 'people' },
});

const define = (entities: Record<string, EntityDefinition>) =>
  definePipeline({
    name: 'zoo',
    sides: { old: postgres({ url: 'postgres://x' }), fresh: mysql({ url: 'mysql://x' }) },
    entities,
  });

describe('compilePipeline', () => {
  const zoo = compilePipeline(define({ pets, people }));

  test('puts parents before children', () => {
    expect(zoo.entities).toEqual(['people', 'pets']);
    expect(zoo.sides.get('old')!.tables.map((t) => t.name)).toEqual(['people', 'pets']);
  });

  test('a natural key is named in the target’s columns, each way, and to the children of its entity', () => {
    const matched = { ...people, matchOn: ['name', 'level'] };
    const zoo = compilePipeline(define({ people: matched, pets }));
    expect(zoo.route('people', 'old')!.matchOn).toEqual(['full_name', 'level']);
    expect(zoo.route('people', 'fresh')!.matchOn).toEqual(['name', 'level']);
    expect(zoo.route('pets', 'fresh')!.matchOn).toBeNull();
    expect(zoo.route('pets', 'fresh')!.columns[0]!.references).toMatchObject({ claimsOn: 'old' });
  });

  test.each([
    [{ matchOn: [] }, 'matchOn names no column'],
    [{ matchOn: ['nick'] }, 'matchOn column nick is not in the column map'],
    [{ direction: 'one_way' }, 'matchOn is for two-way entities'],
    [{ key: 'same' }, 'matchOn needs generated keys: a key of strategy same already says which row it is'],
    [{ conflicts: 'side:old' }, 'matchOn is for conflicts: last_write_wins'],
  ] as const)('refuses a natural key that cannot be one: %j', (changes, problem) => {
    const matched = { ...people, matchOn: ['name'], ...changes };
    expect(() => compilePipeline(define({ people: matched }))).toThrow(`entity people: ${problem}`);
  });

  test('one column map gives both directions', () => {
    const forth = zoo.route('pets', 'old')!;
    const back = zoo.route('pets', 'fresh')!;
    expect(forth.columns.map((c) => [c.from.name, c.to.name])).toEqual([
      ['owner', 'person_id'],
      ['name', 'name'],
    ]);
    expect(back.columns.map((c) => [c.from.name, c.to.name])).toEqual([
      ['person_id', 'owner'],
      ['name', 'name'],
    ]);
    expect(forth.columns[0]!.references).toMatchObject({ entity: 'people', table: { name: 'person' } });
    expect(back.columns[0]!.references).toMatchObject({ entity: 'people', table: { name: 'people' } });
    expect(back.fixedSide).toBe('old');
  });

  test('knows who refers to a row on each target', () => {
    expect(zoo.route('people', 'old')!.referencedBy).toMatchObject([{ entity: 'pets', column: 'person_id' }]);
    expect(zoo.route('people', 'fresh')!.referencedBy).toMatchObject([{ entity: 'pets', column: 'owner' }]);
  });

  test('finds routes by captured table; the connection names the schema on MySQL', () => {
    expect(zoo.routesFrom('old', 'public', 'pets')).toHaveLength(1);
    expect(zoo.routesFrom('old', 'other', 'pets')).toHaveLength(0);
    expect(zoo.routesFrom('fresh', 'crm', 'pet')).toHaveLength(1);
    expect(zoo.routesFrom('fresh', 'anything', 'person')).toHaveLength(1);
  });

  test('keeps a column kind through refinements and null', () => {
    expect(columnKind(text().max(5).nullable())).toBe('text');
    expect(isNullable(text().nullable())).toBe(true);
    expect(() => columnKind(z.string())).toThrow('column builders');
  });
});

test('under merge_columns both tables have a clock for each group, the rest and the insert', () => {
  const merged = compilePipeline(
    define({ people: { ...people, conflicts: 'merge_columns', columnGroups: { names: ['name'] } } }),
  );
  const clocks = ['sync_clock_names', 'sync_clock_rest', 'sync_clock_born'];
  for (const side of ['old', 'fresh']) {
    const { source, merge } = merged.route('people', side)!;
    expect([...source.columns.keys()]).toEqual(expect.arrayContaining(clocks));
    expect(merge!.groups.map(({ clock, columns }) => [clock, columns.map(({ from }) => from.name)])).toEqual([
      ['sync_clock_names', [side === 'old' ? 'name' : 'full_name']],
      ['sync_clock_rest', ['level']],
    ]);
  }
});

const broken: Record<string, [Record<string, EntityDefinition>, string]> = {
  'an unknown column': [
    { people: { ...people, columns: { nom: 'full_name' } } },
    'column nom is not declared',
  ],
  'a column that is declared but not mapped': [
    { people: { ...people, columns: { name: 'full_name' } } },
    'column level of people is declared but not mapped',
  ],
  'a column mapped twice': [
    { people: { ...people, columns: { name: 'full_name', level: 'full_name' } } },
    'mapped twice',
  ],
  'a codec that is not reversible': [
    {
      people: {
        ...people,
        columns: {
          name: 'full_name',
          level: [
            'level',
            z.codec(enumeration('low', 'high'), enumeration('1', '2'), {
              decode: () => '1' as const,
              encode: () => 'low' as const,
            }),
          ],
        },
      },
    },
    'not reversible',
  ],
  'a reference to an unknown entity': [{ pets }, 'unknown entity people'],
  'a policy that does not fit the direction': [
    { people: { ...people, conflicts: 'source_wins' } },
    'does not fit a two_way entity',
  ],
  'a policy of versions where the target has none': [
    { people: { ...people, direction: 'one_way', conflicts: 'last_write_wins' } },
    'does not fit a one_way entity',
  ],
  'a winner that is no side of the entity': [
    { people: { ...people, conflicts: 'side:elsewhere' } },
    'names no side of the entity: its sides are old and fresh',
  ],
  'columns merged without a group': [
    { people: { ...people, conflicts: 'merge_columns' } },
    'merge_columns needs at least one group',
  ],
  'groups under a policy that does not merge': [
    { people: { ...people, columnGroups: { names: ['name'] } } },
    'only merge_columns decides by groups of columns',
  ],
  'a column in two groups': [
    {
      people: {
        ...people,
        conflicts: 'merge_columns',
        columnGroups: { names: ['name'], others: ['name', 'age'], rest: [] },
      },
    },
    'name is in two groups',
  ],
  'no row clock where the later edit is to win': [
    { people: { ...people, clock: null } },
    'clock: null leaves nothing to tell which of two edits is the later: declare conflicts: side:old or side:fresh',
  ],
  'a policy that is none': [
    { people: { ...people, conflicts: 'newest' as 'last_write_wins' } },
    'newest is no policy',
  ],
  'an unknown side': [
    { people: { ...people, tables: { old: people.tables['old']!, nowhere: people.tables['fresh']! } } },
    'side nowhere is not defined',
  ],
};

test.each(Object.entries(broken))('refuses %s', (_, [entities, message]) => {
  expect(() => compilePipeline(define(entities))).toThrow(message);
});

const page = () => Promise.resolve({ next: null, counts: {} });
const job = { name: 'count', description: 'counts', everyMs: 60_000, page };

test.each([
  ['a name twice', [job, job], 'job count: two jobs have this name'],
  ['a name that is none', [{ ...job, name: 'a/b' }], 'job a/b: name must match'],
  ['no name', [{ ...job, name: '' }], 'job : name must match'],
  ['less than a second', [{ ...job, everyMs: 999 }], 'job count: everyMs must be at least 1000, and is 999'],
  ['no interval', [{ ...job, everyMs: NaN }], 'job count: everyMs must be at least 1000, and is NaN'],
  [
    'a part of a second',
    [{ ...job, everyMs: 1500 }],
    'job count: everyMs must be whole seconds, and is 1500',
  ],
])('refuses a job of %s', (_, jobs, problem) => {
  expect(() => compilePipeline({ ...define({ people }), jobs })).toThrow(problem);
});

test('takes jobs whose names are letters, digits, - and _', () => {
  const jobs = [job, { ...job, name: 'Re-count_2', everyMs: 1000 }];
  expect(compilePipeline({ ...define({ people }), jobs }).jobs).toEqual(jobs);
});

test('refuses a cycle of references by name', () => {
  const a = { ...pets, references: { owner: 'b' } };
  const b = { ...pets, references: { owner: 'a' } };
  expect(() => compilePipeline(define({ a, b }))).toThrow('references form a cycle: a → b → a');
});

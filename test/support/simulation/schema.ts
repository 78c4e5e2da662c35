import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { integer, text } from '../../../src/pipeline/columns.ts';
import { definePipeline, entity, postgres, table } from '../../../src/pipeline/define.ts';
import type { AppTable } from '../memory/app.ts';
import type { TableRules } from '../memory/store.ts';

export const sides = ['left', 'right'] as const;
export type Side = (typeof sides)[number];
export const otherSide: Record<Side, Side> = { left: 'right', right: 'left' };

/** Two-way rows that refer to each other, two-way rows with a unique value, matched ones (by a value, by a reference), two-way rows without clocks, and one-way rows that refer to each other. */
export const simulated = compilePipeline(
  definePipeline({
    name: 'simulated',
    sides: { left: postgres({ url: 'postgres://left' }), right: postgres({ url: 'postgres://right' }) },
    entities: {
      parents: entity({
        tables: {
          left: table('parents', { id: integer(), name: text() }),
          right: table('parents', { id: integer(), title: text() }),
        },
        columns: { name: 'title' },
      }),
      children: entity({
        tables: {
          left: table('children', { id: integer(), parent: integer(), name: text() }),
          right: table('children', { id: integer(), elder: integer(), title: text() }),
        },
        columns: { name: 'title', parent: 'elder' },
        references: { parent: 'parents' },
      }),
      codes: entity({
        tables: {
          left: table('codes', { id: integer(), code: text(), name: text() }),
          right: table('codes', { id: integer(), label: text(), title: text() }),
        },
        columns: { code: 'label', name: 'title' },
      }),
      tags: entity({
        tables: {
          left: table('tags', { id: integer(), code: text(), name: text() }),
          right: table('tags', { id: integer(), label: text(), title: text() }),
        },
        columns: { code: 'label', name: 'title' },
        matchOn: ['code'],
      }),
      profiles: entity({
        tables: {
          left: table('profiles', { id: integer(), parent: integer(), name: text() }),
          right: table('profiles', { id: integer(), elder: integer(), title: text() }),
        },
        columns: { name: 'title', parent: 'elder' },
        references: { parent: 'tags' },
        matchOn: ['parent'],
      }),
      notes: entity({
        tables: {
          left: table('notes', { id: integer(), name: text() }),
          right: table('notes', { id: integer(), title: text() }),
        },
        columns: { name: 'title' },
        clock: null,
        conflicts: 'side:left',
      }),
      remarks: entity({
        tables: {
          left: table('remarks', { id: integer(), parent: integer(), name: text() }),
          right: table('remarks', { id: integer(), elder: integer(), title: text() }),
        },
        columns: { name: 'title', parent: 'elder' },
        references: { parent: 'notes' },
        clock: null,
        conflicts: 'side:right',
      }),
      prices: entity({
        tables: {
          left: table('prices', { id: integer(), name: text() }),
          right: table('prices', { id: integer(), title: text() }),
        },
        columns: { name: 'title' },
        direction: 'one_way',
        sourceColumn: null,
      }),
      offers: entity({
        tables: {
          left: table('offers', { id: integer(), price: integer(), name: text() }),
          right: table('offers', { id: integer(), price: integer(), title: text() }),
        },
        columns: { name: 'title', price: 'price' },
        references: { price: 'prices' },
        direction: 'one_way',
        sourceColumn: null,
      }),
    },
  }),
);

export type EntityName =
  'parents' | 'children' | 'codes' | 'tags' | 'profiles' | 'notes' | 'remarks' | 'prices' | 'offers';

const parentOf: Partial<Record<EntityName, EntityName>> = {
  children: 'parents',
  profiles: 'tags',
  remarks: 'notes',
};

/** The same column on each side. */
export const columns: Record<Side, { text: string; parent: string; code: string }> = {
  left: { text: 'name', parent: 'parent', code: 'code' },
  right: { text: 'title', parent: 'elder', code: 'label' },
};

/** The column that holds the key of a row of another entity. */
export function referenceOf(name: EntityName, side: Side): { column: string; entity: EntityName } | null {
  if (name === 'offers') return { column: 'price', entity: 'prices' };
  const entity = parentOf[name];
  return entity ? { column: columns[side].parent, entity } : null;
}

export const constraints = (side: Side): Readonly<Record<string, TableRules>> => ({
  children: {
    foreignKeys: [
      { constraint: 'children_parent', column: columns[side].parent, table: 'parents', onDelete: 'restrict' },
    ],
  },
  codes: { unique: [{ constraint: 'codes_code', columns: [columns[side].code] }] },
  tags: { unique: [{ constraint: 'tags_code', columns: [columns[side].code] }] },
  profiles: {
    unique: [{ constraint: 'profiles_parent_key', columns: [columns[side].parent] }],
    foreignKeys: [
      { constraint: 'profiles_parent', column: columns[side].parent, table: 'tags', onDelete: 'restrict' },
    ],
  },
  remarks: {
    foreignKeys: [
      { constraint: 'remarks_parent', column: columns[side].parent, table: 'notes', onDelete: 'restrict' },
    ],
  },
  offers: {
    foreignKeys: [{ constraint: 'offers_price', column: 'price', table: 'prices', onDelete: 'restrict' }],
  },
});

/** What each table's triggers know; the one-way ones have none, nor those without a row clock. */
export const appTables = (side: Side): readonly AppTable[] =>
  simulated.entities.map((name) => {
    const { twoWay, source, target, columns } = simulated.route(name, 'left')!;
    return {
      pipeline: simulated.name,
      entity: name,
      table: side === 'left' ? source.name : target.name,
      mapped: columns.map(({ from, to }) => (side === 'left' ? from.name : to.name)),
      triggers: twoWay && source.clock !== null,
    };
  });

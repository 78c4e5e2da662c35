import type { LiveSide } from '../../src/init/proposal.ts';
import { liveTable } from './live-table.ts';

/** Two databases of one trade, as two teams would have built them. */
export const mysqlShop: LiveSide = {
  name: 'old_shop',
  engine: 'mysql',
  urlVariable: 'OLD_SHOP_DATABASE_URL',
  tables: [
    liveTable(
      'language',
      { language_id: 'int', name: 'char', last_update: 'timestamp=' },
      { touched: new Set(['last_update']), unique: [['name']] },
    ),
    liveTable(
      'film',
      {
        film_id: 'int',
        title: 'varchar',
        description: 'text?',
        release_year: 'year?',
        language_id: 'int',
        rating: 'enum(G,PG,R)',
        kind: 'enum(short,long)',
        premiere: 'datetime?',
        shown_at: 'timestamp?',
        special_features: 'set?',
      },
      { foreignKeys: [{ columns: ['language_id'], parent: 'language' }] },
    ),
    liveTable('actor', { actor_id: 'int', first_name: 'varchar', last_name: 'varchar' }),
    liveTable(
      'film_actor',
      { actor_id: 'int', film_id: 'int' },
      {
        key: ['actor_id', 'film_id'],
        foreignKeys: [
          { columns: ['actor_id'], parent: 'actor' },
          { columns: ['film_id'], parent: 'film', onDelete: 'cascade' },
        ],
      },
    ),
    liveTable(
      'staff',
      { staff_id: 'int', store_id: 'int' },
      { foreignKeys: [{ columns: ['store_id'], parent: 'store' }] },
    ),
    liveTable(
      'store',
      { store_id: 'int', manager_staff_id: 'int' },
      { foreignKeys: [{ columns: ['manager_staff_id'], parent: 'staff' }] },
    ),
    liveTable(
      'rental',
      { rental_id: 'int', store_id: 'int' },
      { foreignKeys: [{ columns: ['store_id'], parent: 'store' }] },
    ),
    liveTable('film_text', { film_id: 'int', title: 'varchar' }, { numbered: false }),
  ],
};

export const postgresShop: LiveSide = {
  name: 'new_shop',
  engine: 'postgres',
  urlVariable: 'NEW_SHOP_DATABASE_URL',
  tables: [
    liveTable(
      'languages',
      { id: 'integer', name: 'text', updated_at: 'timestamp with time zone=' },
      { unique: [['name']] },
    ),
    liveTable(
      'films',
      {
        id: 'integer',
        title: 'text',
        description: 'text?',
        release_year: 'integer?',
        language_id: 'integer',
        rating: 'mpaa_rating(g,pg,r)',
        kind: 'kind(brief,feature)',
        premiere: 'timestamp with time zone?',
        shown_at: 'timestamp without time zone?',
        special_features: 'text[]?',
        fulltext: 'tsvector',
      },
      { foreignKeys: [{ columns: ['language_id'], parent: 'languages', parentColumns: ['id'] }] },
    ),
    liveTable('actors', { id: 'integer', firstName: 'text', lastName: 'text' }),
    liveTable(
      'film_actors',
      { actor_id: 'integer', film_id: 'integer' },
      {
        key: ['actor_id', 'film_id'],
        foreignKeys: [
          { columns: ['actor_id'], parent: 'actors', parentColumns: ['id'] },
          { columns: ['film_id'], parent: 'films', parentColumns: ['id'], onDelete: 'cascade' },
        ],
      },
    ),
    liveTable(
      'staff',
      { staff_id: 'integer', store_id: 'integer' },
      { foreignKeys: [{ columns: ['store_id'], parent: 'store' }] },
    ),
    liveTable(
      'store',
      { store_id: 'integer', manager_staff_id: 'integer' },
      { foreignKeys: [{ columns: ['manager_staff_id'], parent: 'staff' }] },
    ),
    liveTable(
      'rental',
      { rental_id: 'integer', store_id: 'integer' },
      { foreignKeys: [{ columns: ['store_id'], parent: 'store' }] },
    ),
  ].map((table) => ({ ...table, schema: 'public' })),
};

import { integer, text } from '../../src/pipeline/columns.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, entity, postgres, table } from '../../src/pipeline/define.ts';

const pipeline = (matchOn: { matchOn?: readonly string[] }) =>
  compilePipeline(
    definePipeline({
      name: 'pair',
      sides: { left: postgres({ url: 'postgres://left' }), right: postgres({ url: 'postgres://right' }) },
      entities: {
        parents: entity({
          tables: {
            left: table('parents', { id: integer(), name: text() }),
            right: table('parents', { id: integer(), title: text() }),
          },
          columns: { name: 'title' },
          ...matchOn,
        }),
      },
    }),
  );
/** Rows of one name are one pair. */
export const matched = pipeline({ matchOn: ['name'] });
export const unmatched = pipeline({});

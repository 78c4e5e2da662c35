import { integer, text } from '../../src/pipeline/columns.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, entity, postgres, table } from '../../src/pipeline/define.ts';
import type { EntityDefinition } from '../../src/pipeline/define.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';

/** The parents of `pair` alone, defined otherwise. */
export const parentsUnder = (options: Partial<EntityDefinition>): CompiledPipeline =>
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
          ...options,
        }),
      },
    }),
  );

/** Rows of one name are one pair. */
export const matched = parentsUnder({ matchOn: ['name'] });

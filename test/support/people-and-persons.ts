import { integer, text } from '../../src/pipeline/columns.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../src/pipeline/define.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';

/** A two-way pipeline whose databases nobody connects to: `people` on side `left` are `persons` on side `right`. */
export const peopleAndPersons = (name: string): CompiledPipeline =>
  compilePipeline(
    definePipeline({
      name,
      sides: { left: postgres({ url: 'postgres://x/y' }), right: mysql({ url: 'mysql://x/y' }) },
      entities: {
        people: entity({
          tables: {
            left: table('people', { id: integer(), name: text() }),
            right: table('persons', { id: integer(), full_name: text() }),
          },
          columns: { name: 'full_name' },
        }),
      },
    }),
  );

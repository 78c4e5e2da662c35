import { integer, text } from '../../src/pipeline/columns.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, entity, env, mysql, postgres, table } from '../../src/pipeline/define.ts';
import type { PipelineDefinition } from '../../src/pipeline/define.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';

/** A pipeline of its own on a table of `blog`: one way, into table `<name>_people` of side `revamp`. */
export const peopleOfBlog = (name: string, more: Partial<PipelineDefinition> = {}): CompiledPipeline =>
  compilePipeline(
    definePipeline({
      name,
      sides: {
        legacy: postgres({ url: env('LEGACY_DATABASE_URL'), groupId: `${name}-legacy` }),
        revamp: mysql({ url: env('REVAMP_DATABASE_URL') }),
      },
      entities: {
        people: entity({
          direction: 'one_way',
          key: 'same',
          tables: {
            legacy: table('legacy_users', { id: integer(), username: text() }),
            revamp: table(`${name}_people`, { id: integer(), handle: text() }),
          },
          columns: { username: 'handle' },
        }),
      },
      ...more,
    }),
  );

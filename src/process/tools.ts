import { SyncError } from '../errors/sync-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Cache, Tools } from '../pipeline/tools.ts';
import type { Databases } from './databases.ts';

/** What the code of a pipeline is given; `cache` is null only where the pipeline uses none. */
export function openTools(pipeline: CompiledPipeline, databases: Databases, cache: Cache | null): Tools {
  return {
    sql(side) {
      const database = databases.get(side);
      if (!database) throw new SyncError('bug', `pipeline ${pipeline.name} has no side ${side}`);
      return database.sql;
    },
    cache: (pipeline.cache ? cache : null) ?? noCache(pipeline.name),
  };
}

function noCache(pipeline: string): Cache {
  const refuse = () =>
    Promise.reject(
      new SyncError('bug', `pipeline ${pipeline} uses the cache and does not say \`cache: true\``),
    );
  return { through: refuse, invalidate: refuse };
}

import type { Tools } from '../../src/pipeline/tools.ts';

/** For pipelines whose code uses none. */
export const noTools: Tools = {
  sql() {
    throw new Error('no SQL is expected');
  },
  cache: {
    through: () => Promise.reject(new Error('no cache is expected')),
    invalidate: () => Promise.reject(new Error('no cache is expected')),
  },
};

import type { StackDatabase } from '../stack/databases.ts';

/** JOIN: to be taken from the pipelines in the registry; until then the databases of the pipeline in the box. */
export const stackDatabases: readonly StackDatabase[] = [
  { side: 'legacy', engine: 'postgres', database: 'legacy_db' },
  { side: 'revamp', engine: 'mysql', database: 'revamp_db' },
];

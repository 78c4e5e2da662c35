import type { Database } from '../../../src/database/contract.ts';
import { groupedDatabase } from '../../../src/database/grouped/grouped-database.ts';
import { contractSuite } from '../../support/contract/suite.ts';
import { pipeline } from '../../support/contract/use.ts';
import type { ContractSubject } from '../../support/contract/use.ts';
import { contractRules, contractTables } from '../../support/contract/tables.ts';
import { MemoryDatabase } from '../../support/memory-database.ts';

const open = (use: (database: MemoryDatabase) => Database) => async (): Promise<ContractSubject> => {
  const database = new MemoryDatabase('near', 1, { rules: contractRules });
  const owners = database.contents.table('owners').committed;
  return {
    database: use(database),
    ...contractTables({ side: 'near', engine: 'postgres' }),
    leaveLocalTombstone: async ({ entity, key }, clock) =>
      database.leaveLocalTombstone(entity, key, clock, pipeline),
    async setNote(owner, note) {
      const row = owners.get(owner)!;
      owners.set(owner, { ...row, values: { ...row.values, note } });
    },
    readNote: async (owner) => (owners.get(owner)?.values['note'] as string | undefined) ?? null,
    close: () => database.close(),
  };
};

contractSuite(
  'in memory',
  open((database) => database),
);
contractSuite('in memory, grouped', open(groupedDatabase), { nested: false });

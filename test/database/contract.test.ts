import type { Database } from '../../src/database/contract.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { groupedDatabase } from '../../src/database/grouped/grouped-database.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { contractSuite } from '../support/contract/suite.ts';
import { pipeline } from '../support/contract/use.ts';
import { contractSchema, contractTables } from '../support/contract/tables.ts';
import { freshDatabase } from '../support/databases.ts';

const kinds = (Object.keys(contractSchema) as Engine[]).flatMap((engine) => [
  { name: engine, engine, use: (database: LedgerDatabase): Database => database, nested: true },
  // Transactions that begin while a group is open are the next group.
  { name: `${engine}, grouped`, engine, use: groupedDatabase, nested: false },
]);

for (const { name, engine, use, nested } of kinds)
  contractSuite(
    name,
    async () => {
      const fresh = await freshDatabase(engine);
      for (const statement of contractSchema[engine]) await fresh.query(statement);
      return {
        database: use(fresh.open()),
        ...contractTables(fresh),
        async leaveLocalTombstone({ entity, key }, clock) {
          await fresh.query(
            `INSERT INTO ${fresh.ledger}.local_tombstones (pipeline, entity_type, side, row_key, clock)
            VALUES ('${pipeline}', '${entity}', '${fresh.side}', '${key}', ${clock})`,
          );
        },
        async setNote(owner, note) {
          await fresh.query(`UPDATE owners SET note = '${note}' WHERE id = ${owner}`);
        },
        async readNote(owner) {
          const [row] = await fresh.query(`SELECT note FROM owners WHERE id = ${owner}`);
          return row?.['note'] as string | null;
        },
        close: async () => fresh[Symbol.asyncDispose](),
      };
    },
    { nested },
  );

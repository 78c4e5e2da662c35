import type { PlainConnection } from '../../database/plain-connection.ts';
import { canaryName } from '../../change/canary.ts';
import { compiledCanary } from '../../database/canary.ts';
import { openDatabase } from '../../database/open.ts';
import type { InspectedSide } from '../context.ts';
import type { Writer } from './judge.ts';

const unclocked = { clock: null };

/**
 * Writes one row as each of these writers in turn, Tandem's as apply does, and last as an app: all under one key, so that
 * the records come in this order. The last change is the app's delete.
 */
export async function writeCanary(
  { side, settings, database }: Pick<InspectedSide, 'side' | 'settings' | 'database'>,
  app: PlainConnection,
  id: string,
  writers: readonly Exclude<Writer, 'app'>[],
): Promise<void> {
  const { engine, name } = side;
  if (writers.includes('mark')) {
    const table = compiledCanary(engine, name, null);
    await database.transaction((tx) => tx.insertRow(table, id, { written_as: 'mark' }, unclocked));
    await database.transaction((tx) => tx.deleteRow(table, id));
  }
  let statement = `INSERT INTO ${canaryName} (id, written_as, source) VALUES ('${id}', 'app', 'app')`;
  if (writers.includes('source')) {
    const unmarked = openDatabase({
      engine,
      side: name,
      url: settings.databaseUrl,
      poolSize: 1,
      originMarks: false,
    });
    try {
      const table = compiledCanary(engine, name, 'source');
      await unmarked.transaction((tx) => tx.insertRow(table, id, { written_as: 'source' }, unclocked));
    } finally {
      await unmarked.close();
    }
    statement = `UPDATE ${canaryName} SET written_as = 'app', source = 'app' WHERE id = '${id}'`;
  }
  await app.query(statement);
  await app.query(`DELETE FROM ${canaryName} WHERE id = '${id}'`);
}

import { defaultLedger } from '../../src/database/connection.ts';
import { inspection, openInspection } from '../../src/database/inspector.ts';
import { inspectedTables } from '../../src/database/inspected-table.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import type { Environment } from '../../src/process/config/environment.ts';
import { databaseName } from '../../src/process/side-topics.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import type { SideSettings } from '../../src/process/config/sides.ts';

/**
 * Leaves the logins of a pipeline in the box what `tandem install` gives them and nothing else: neither what everybody may on
 * PostgreSQL, nor what an earlier version of the tests' servers gave.
 */
export async function leastPrivilege(pipeline: CompiledPipeline, environment: Environment): Promise<void> {
  for (const settings of resolveSides(pipeline, environment).values()) {
    const admin = await openInspection(settings.engine, settings.adminUrl!);
    try {
      if (settings.engine === 'postgres') await closeToEverybody(admin, settings);
      const tables = inspectedTables(pipeline, pipeline.sides.get(settings.name)!);
      const roles = [
        { role: 'sync_service', tables, ledger: settings.isTarget ? defaultLedger : null, readsLog: false },
        {
          role: 'debezium',
          tables: tables.map((each) => ({ ...each, written: false })),
          ledger: null,
          readsLog: true,
        },
      ];
      for (const needs of roles)
        for (const { met, repair } of await inspection(settings.engine).inspectExcess(admin, needs))
          if (!met) await admin.query(repair!);
    } finally {
      await admin.close();
    }
  }
}

async function closeToEverybody(admin: PlainConnection, side: SideSettings): Promise<void> {
  const database = `DATABASE ${databaseName(side)}`;
  await admin.query(`GRANT CONNECT ON ${database} TO ${side.name}_app`);
  await admin.query(`REVOKE ALL ON ${database} FROM PUBLIC`);
  await admin.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
}

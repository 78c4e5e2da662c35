import { defaultLedger } from '../../database/connection.ts';
import { roleOf } from '../../database/ledger-admin.ts';
import { onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import { readerOf } from '../context.ts';
import { sideFinding } from '../side-finding.ts';

/** Tandem's role and the connector's may do nothing that they need not do. */
export const excess: Check = {
  name: 'excess',
  title: 'Roles may do no more than they must',
  run: (context) =>
    onEachSide(context, async (inspected) => {
      const { side, settings, inspect, own, admin, tables } = inspected;
      const reader = await readerOf(context, side.connector);
      const readsItself = reader === roleOf(settings.databaseUrl).name;
      const requirements = [
        ...(await inspect.inspectExcess(await own(), {
          role: null,
          tables,
          ledger: side.isTarget ? defaultLedger : null,
          readsLog: readsItself,
        })),
        ...(reader === null || readsItself
          ? []
          : await inspect.inspectExcess(await admin(), {
              role: reader,
              tables: tables.map((table) => ({ ...table, written: false })),
              ledger: null,
              readsLog: true,
            })),
      ];
      return requirements.map((requirement) => sideFinding(inspected, requirement));
    }),
};

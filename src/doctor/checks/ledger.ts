import { assertLedgerCurrent } from '../../database/migrate.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import { fail, ok, skip } from '../finding.ts';
import { migration } from '../side-finding.ts';

/** The ledger of every side that rows flow to is there and as new as this program. */
export const ledger: Check = {
  name: 'ledger',
  title: 'Ledgers are up to date',
  run: (context) =>
    onEachSide(context, async (inspected) => {
      const { side, pipeline, database } = inspected;
      const subject = `${side.name}: ledger`;
      if (!side.isTarget) return [skip(subject, 'nothing flows to this side: none is needed')];
      try {
        await assertLedgerCurrent(database);
        return [ok(subject, 'up to date')];
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        return [fail(subject, error.message, `tandem migrate ${pipeline.name}`, migration(inspected))];
      }
    }),
};

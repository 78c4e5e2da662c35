import type { ApplyDeps } from '../../apply/resolve-identity.ts';
import { broughtOver } from '../../apply/verify/look-at-pairs.ts';
import type { StoredRow } from '../../database/contract.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { shortValue } from '../../temporal/dead-row.ts';
import type { PlannedWrite } from '../../temporal/verify.ts';

/** What brings a row of the way's target to what its source holds. Throws where that cannot be brought over. */
export async function plannedWrite(
  way: ApplyDeps,
  right: StoredRow | null,
  wrong: StoredRow | null,
): Promise<Pick<PlannedWrite, 'write' | 'columns'>> {
  if (right === null) return { write: 'delete', columns: [] };
  const wanted = await broughtOver(way, right);
  if (wanted instanceof SyncError) throw wanted;
  const columns = Object.entries(wanted)
    .filter(([name, value]) => wrong === null || wrong.values[name] !== value)
    .map(([name, value]) => ({
      name,
      before: wrong && shortValue(wrong.values[name] ?? null),
      after: shortValue(value),
    }));
  return { write: wrong === null ? 'insert' : 'update', columns };
}

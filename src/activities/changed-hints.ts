import type { ManyDeps } from '../apply/apply-many.ts';
import { identityKey } from '../apply/identity-key.ts';
import { parentKeys } from '../apply/resolve-identity.ts';
import type { ApplyDeps } from '../apply/resolve-identity.ts';
import { rowHash } from '../apply/row-hash.ts';
import { readId } from '../change/event-id.ts';
import type { Identity, StoredRow } from '../database/contract.ts';
import { groupedDatabase } from '../database/grouped/grouped-database.ts';
import { SyncError } from '../errors/sync-error.ts';
import { mapStored, storedReferences } from '../pipeline/transform.ts';
import type { Hint } from '../temporal/messages.ts';

/**
 * Of these source rows those that are not as the ledger knows them, or are gone, as reads. The id of a read is made of what
 * the ledger knows and what the row holds: the same however often the row is found so, another once either has changed.
 */
export async function changedHints(of: ManyDeps, keys: readonly string[]): Promise<Hint[]> {
  if (keys.length === 0) return [];
  const { route } = of;
  const { entity, pipeline, source } = route;
  const [rows, identities] = await Promise.all([
    of.source.bulk.read((reader) => reader.findRows(source, keys)),
    of.target.bulk.read((reader) =>
      reader.findIdentities(keys.map((key) => identityKey(route, entity, key))),
    ),
  ]);
  const grouped = { ...of, source: groupedDatabase(of.source), target: groupedDatabase(of.target) };
  const timestamp = new Date().toISOString();
  const hints = keys.map(async (key, index): Promise<Hint | null> => {
    const [row, identity] = [rows[index] ?? null, identities[index] ?? null];
    if (await isKnown(grouped, row, identity)) return null;
    const what = `${identity?.counter ?? 0}/${row === null ? 'gone' : rowHash(row.values)}`;
    const eventId = readId({ pipeline, entity, side: source.side, key }, what);
    return { eventId, entity, side: source.side, key, timestamp };
  });
  return (await Promise.all(hints)).filter((hint) => hint !== null);
}

async function isKnown(deps: ApplyDeps, row: StoredRow | null, identity: Identity | null): Promise<boolean> {
  const hash = identity?.rowHash ?? null;
  if (row === null || hash === null) return row === null && hash === null;
  const { route } = deps;
  try {
    const references = await parentKeys(deps, storedReferences(route, row.values));
    return rowHash({ ...mapStored(route, row.values), ...references }) === hash;
  } catch (error) {
    // What cannot be mapped, or waits, is for its own try to say.
    if (error instanceof SyncError && error.errorClass !== 'unavailable') return false;
    throw error;
  }
}

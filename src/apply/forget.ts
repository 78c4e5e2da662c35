import type { Reader } from '../database/contract.ts';
import type { LedgerRetention, OldTombstone } from '../database/retention-contract.ts';
import type { Route } from '../pipeline/route.ts';
import { identityKey } from './identity-key.ts';

const day = 86_400_000;
const batch = 500;

/**
 * Tombstones from before this may be forgotten, milliseconds since the epoch; null: none. A tombstone keeps an older
 * change from bringing its row back, so it stays for the retention and as long as an older change may come: one that is
 * open in Temporal (committed before its workflow began by at most what the topics retain), or one not yet captured.
 */
export function tombstoneLimit(known: {
  now: number;
  retentionMs: number;
  /** What the topics retain, milliseconds. */
  topicsMs: number;
  /** When the oldest open workflow of the entity began; null where none is open. */
  oldestOpen: number | null;
  /** Source commit time that every side's capture has passed; null where one of them does not tell. */
  captured: number | null;
}): number | null {
  const { now, retentionMs, topicsMs, oldestOpen, captured } = known;
  if (captured === null) return null;
  const open = oldestOpen === null ? now : oldestOpen - topicsMs - day;
  return Math.min(now - retentionMs, open, captured - day);
}

/** Forgets events processed before, in batches; those excepted stay. */
export async function forgetEvents(
  ledger: LedgerRetention,
  of: { pipeline: string; before: Date; except: ReadonlySet<string> },
): Promise<number> {
  const { pipeline, before, except } = of;
  let forgotten = 0;
  for (;;) {
    const old = await ledger.oldEvents({ pipeline, before, limit: batch + except.size });
    const ids = old.filter((id) => !except.has(id));
    forgotten += await ledger.forgetEvents(ids);
    if (ids.length < batch) return forgotten;
  }
}

export interface Forgetting {
  source: Pick<Reader, 'findRow'>;
  target: Pick<Reader, 'findRow' | 'findIdentityByTarget'>;
  /** The target's. */
  ledger: LedgerRetention;
  route: Route;
  before: Date;
}

/**
 * Forgets what the target's ledger remembers of rows deleted before: its own app's deletes, and the identities of rows
 * that are gone on both sides. An identity whose row is there on either side stays, whatever its tombstone's age.
 */
export async function forgetDeleted(of: Forgetting): Promise<{ tombstones: number; identities: number }> {
  const identities = await forgetIdentities(of);
  const local = await forgetLocal(of);
  return { tombstones: local.tombstones, identities: identities + local.identities };
}

async function forgetIdentities(of: Forgetting): Promise<number> {
  const { ledger, route, before } = of;
  const { pipeline, entity } = route;
  const sides = { sourceSide: route.source.side, targetSide: route.target.side };
  let forgotten = 0;
  let after: OldTombstone | null = null;
  for (;;) {
    const found: OldTombstone[] = await ledger.oldTombstones({
      pipeline,
      entity,
      ...sides,
      before,
      after,
      limit: batch,
    });
    for (const { sourceKey, targetKey, counter } of found) {
      const key = identityKey(route, entity, sourceKey);
      if ((await isGone(of, sourceKey, targetKey)) && (await ledger.forgetIdentity(key, counter)))
        forgotten++;
    }
    if (found.length < batch) return forgotten;
    after = found.at(-1) ?? null;
  }
}

/** The target's own app deleted the row: its identity has no tombstone, the local one stands for it. */
async function forgetLocal(of: Forgetting): Promise<{ tombstones: number; identities: number }> {
  const { target, ledger, route, before } = of;
  const { pipeline, entity } = route;
  const side = route.target.side;
  const counts = { tombstones: 0, identities: 0 };
  for (;;) {
    const keys = await ledger.oldLocalTombstones({ pipeline, entity, side, before, limit: batch });
    for (const targetKey of keys) {
      const identity = await target.findIdentityByTarget({
        pipeline,
        entity,
        sourceSide: route.source.side,
        targetSide: side,
        targetKey,
      });
      if (identity === null || !(await isGone(of, identity.sourceKey, targetKey))) continue;
      const key = identityKey(route, entity, identity.sourceKey);
      if (await ledger.forgetIdentity(key, identity.counter)) counts.identities++;
    }
    counts.tombstones += await ledger.forgetLocalTombstones({ pipeline, entity, side, before, keys });
    if (keys.length < batch) return counts;
  }
}

async function isGone(
  { source, target, route }: Forgetting,
  sourceKey: string,
  targetKey: string | null,
): Promise<boolean> {
  if ((await source.findRow(route.source, sourceKey)) !== null) return false;
  return targetKey === null || (await target.findRow(route.target, targetKey)) === null;
}

import type { Identity, StoredRow } from '../database/contract.ts';
import type { Situation } from './decide.ts';
import { followsPosition } from './one-way.ts';
import { rowHash } from './row-hash.ts';
import type { Incoming } from './situation.ts';

/** Of an entity whose rows are not written the ledger says whether a row is there; what it holds only its hash tells. */
export const rowByLedger = ({ rowHash: hash }: Pick<Identity, 'rowHash'>): StoredRow | null =>
  hash === null ? null : { values: {}, clock: null };

/** Nobody else changes what is not there. */
export const unloadedSituation = (identity: Identity, { event, row, reread }: Incoming): Situation => ({
  operation: event.operation,
  newer: reread || followsPosition(identity, event),
  same: false,
  rowExists: identity.rowHash !== null,
  equal: row !== null && rowHash(row) === identity.rowHash,
  changedByTarget: false,
  lost: false,
});

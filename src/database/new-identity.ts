import type { Identity, IdentityKey } from './contract.ts';

/** As the ledger makes it where a row is heard of for the first time. */
export const newIdentity = (key: IdentityKey, targetKey: string | null): Identity => ({
  ...key,
  targetKey,
  position: null,
  sourceTime: null,
  counter: 0n,
  written: null,
  rowHash: null,
  tombstone: null,
  sourceClock: null,
});

import type { Database, Identity, IdentityKey, Transaction } from '../database/contract.ts';
import type { Route } from '../pipeline/route.ts';
import { claimScope, isToward } from './claims.ts';
import { identityKey } from './identity-key.ts';

/** Two rows to be one from now on: their routes, and a key on each side of them. */
export interface RowPair {
  /** The entity's route from its first side to its second. */
  route: Route;
  /** The other way; undefined for one-way entities. */
  back: Route | undefined;
  /** By side name. */
  databases: ReadonlyMap<string, Database>;
  /** Canonical key by side name. */
  keys: ReadonlyMap<string, string>;
}

/** Why two rows cannot be made one. The message holds no key. */
export class NotLinked extends Error {
  override readonly name = 'NotLinked';
}

/**
 * Makes a row of one side and a row of the other one pair, in both ledgers; neither row is written. Each ledger is one
 * transaction, that of the first side before the other: broken off in between, it is to be run again. False where they
 * were one before. Throws `NotLinked` where a row does not exist or is paired with another, and then nothing is written.
 */
export async function linkRows(pair: RowPair): Promise<boolean> {
  const routes = [pair.back, pair.route].filter((route) => route !== undefined);
  for (const table of [pair.route.source, pair.route.target])
    if (!(await databaseOf(pair, table.side).findRow(table, keyOn(pair, table.side))))
      throw new NotLinked(`there is no such row of ${pair.route.entity} on ${table.side}`);
  for (const route of routes)
    await databaseOf(pair, route.target.side).transaction((tx) => assertFree(tx, pair, route));
  const written: boolean[] = [];
  for (const route of routes)
    written.push(
      await databaseOf(pair, route.target.side).transaction(async (tx) => {
        const identity = await assertFree(tx, pair, route);
        const claimed = await claim(tx, pair, route);
        const { targetKey } = identity;
        if (targetKey === keyOn(pair, route.target.side)) return claimed;
        await tx.saveIdentity(identityOf(pair, route), {
          targetKey: keyOn(pair, route.target.side),
          sourceTimestamp: new Date().toISOString(),
        });
        return true;
      }),
    );
  return written.includes(true);
}

const databaseOf = ({ databases }: RowPair, side: string) => databases.get(side)!;
const keyOn = ({ keys }: RowPair, side: string) => keys.get(side)!;
const identityOf = (pair: RowPair, route: Route): IdentityKey =>
  identityKey(route, route.entity, keyOn(pair, route.source.side));

/** The identity under lock. A note that no claim settled is no pair. */
async function assertFree(tx: Transaction, pair: RowPair, route: Route): Promise<Identity> {
  const { source, target, entity } = route;
  const targetKey = keyOn(pair, target.side);
  const identity = await tx.lockIdentity(identityOf(pair, route), null);
  const noted = route.matchOn !== null && identity.written === null && !isToward(route);
  if (identity.targetKey !== null && identity.targetKey !== targetKey && !noted)
    throw new NotLinked(`the row of ${entity} on ${source.side} is another row on ${target.side} already`);
  const sides = { sourceSide: source.side, targetSide: target.side };
  const other = await tx.findIdentityByTarget({ pipeline: route.pipeline, entity, targetKey, ...sides });
  if (other && other.sourceKey !== identity.sourceKey)
    throw new NotLinked(`the row of ${entity} on ${target.side} is another row on ${source.side} already`);
  return identity;
}

/** The claim in the fixed side's ledger, where the entity has them; true where it was written. */
async function claim(tx: Transaction, pair: RowPair, route: Route): Promise<boolean> {
  if (route.matchOn === null || !isToward(route)) return false;
  const of = claimScope(route);
  const fixedKey = keyOn(pair, route.target.side);
  const otherKey = keyOn(pair, route.source.side);
  const [own, others] = [await tx.lockClaim(of, { fixedKey }), await tx.lockClaim(of, { otherKey })];
  if ((own?.otherKey ?? otherKey) !== otherKey || (others?.fixedKey ?? fixedKey) !== fixedKey)
    throw new NotLinked(`one of the rows of ${route.entity} is paired with another already`);
  if (own?.otherKey === otherKey) return false;
  if (own) await tx.updateClaim(of, fixedKey, { fixedKey, otherKey });
  else await tx.insertClaim(of, { fixedKey, otherKey });
  return true;
}

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
 * were one before. A row whose partner does not exist any more, its key having been used again, is free to be paired.
 * Throws `NotLinked` where a row does not exist or is paired with another, and then nothing is written.
 */
export async function linkRows(pair: RowPair): Promise<boolean> {
  const routes = [pair.back, pair.route].filter((route) => route !== undefined);
  for (const table of [pair.route.source, pair.route.target])
    if (!(await databaseOf(pair, table.side).findRow(table, keyOn(pair, table.side))))
      throw new NotLinked(`there is no such row of ${pair.route.entity} on ${table.side}`);
  const ended = new Set<string>();
  for (const route of routes) await collectEnded(pair, route, ended);
  for (const route of routes)
    await databaseOf(pair, route.target.side).transaction((tx) => assertFree(tx, pair, route, ended));
  const written: boolean[] = [];
  for (const route of routes)
    written.push(
      await databaseOf(pair, route.target.side).transaction(async (tx) => {
        const { identity, other } = await assertFree(tx, pair, route, ended);
        if (other)
          await tx.saveIdentity(other, { targetKey: null, sourceTimestamp: new Date().toISOString() });
        const claimed = await claim(tx, pair, route, ended);
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

/** Partners of the two rows, by either ledger, that do not exist any more. */
async function collectEnded(pair: RowPair, route: Route, ended: Set<string>): Promise<void> {
  const { source, target } = route;
  const ledger = databaseOf(pair, target.side);
  const own = await ledger.findIdentity(identityOf(pair, route));
  const other = await ledger.findIdentityByTarget(byTarget(pair, route));
  const partners = [
    { table: target, key: own?.targetKey ?? null },
    { table: source, key: other?.sourceKey ?? null },
  ];
  for (const { table, key } of partners)
    if (key !== null && !(await databaseOf(pair, table.side).findRow(table, key)))
      ended.add(rowName(table.side, key));
}

const rowName = (side: string, key: string) => `${side}:${key}`;

const byTarget = (pair: RowPair, { pipeline, entity, source, target }: Route) => ({
  pipeline,
  entity,
  sourceSide: source.side,
  targetSide: target.side,
  targetKey: keyOn(pair, target.side),
});

/**
 * The identity under lock, and another one that still names the target row though its own row is gone. A note that no
 * claim settled is no pair.
 */
async function assertFree(
  tx: Transaction,
  pair: RowPair,
  route: Route,
  ended: ReadonlySet<string>,
): Promise<{ identity: Identity; other: Identity | null }> {
  const { source, target, entity } = route;
  const targetKey = keyOn(pair, target.side);
  const identity = await tx.lockIdentity(identityOf(pair, route), null);
  const noted = route.matchOn !== null && identity.written === null && !isToward(route);
  const free = identity.targetKey === null || ended.has(rowName(target.side, identity.targetKey));
  if (!free && identity.targetKey !== targetKey && !noted)
    throw new NotLinked(`the row of ${entity} on ${source.side} is another row on ${target.side} already`);
  const found = await tx.findIdentityByTarget(byTarget(pair, route));
  const other = found && found.sourceKey !== identity.sourceKey ? found : null;
  if (other && !ended.has(rowName(source.side, other.sourceKey)))
    throw new NotLinked(`the row of ${entity} on ${target.side} is another row on ${source.side} already`);
  return { identity, other };
}

/** The claim in the fixed side's ledger, where the entity has them; true where it was written. */
async function claim(
  tx: Transaction,
  pair: RowPair,
  route: Route,
  ended: ReadonlySet<string>,
): Promise<boolean> {
  if (route.matchOn === null || !isToward(route)) return false;
  const of = claimScope(route);
  const fixedKey = keyOn(pair, route.target.side);
  const otherKey = keyOn(pair, route.source.side);
  const [own, others] = [await tx.lockClaim(of, { fixedKey }), await tx.lockClaim(of, { otherKey })];
  if (own?.otherKey === otherKey) return false;
  const taken = [
    own?.otherKey && !ended.has(rowName(route.source.side, own.otherKey)),
    others && !ended.has(rowName(route.target.side, others.fixedKey)),
  ];
  if (taken.some(Boolean))
    throw new NotLinked(`one of the rows of ${route.entity} is paired with another already`);
  if (others) await tx.updateClaim(of, others.fixedKey, { ...others, otherKey: null });
  if (own) await tx.updateClaim(of, fixedKey, { fixedKey, otherKey });
  else await tx.insertClaim(of, { fixedKey, otherKey });
  return true;
}

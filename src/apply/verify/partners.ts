import type { Identity } from '../../database/contract.ts';
import { derivedKey } from '../derived-key.ts';
import { identityKey } from '../identity-key.ts';
import type { ManyDeps } from '../apply-many.ts';

/** A row by its key on either side, or on both. */
export interface PairKeys {
  key: string | null;
  other: string | null;
}

export interface Partner extends PairKeys {
  /** A ledger knows that these are one row. */
  mapped: boolean;
  /** The other side's ledger's. */
  identity: Identity | null;
}

/** Which row is which: by the other side's ledger, else by the first side's, else by a key that follows from the other. */
export async function partners(of: ManyDeps, pairs: readonly PairKeys[]): Promise<Partner[]> {
  const forward = await byKey(
    of,
    pairs.map(({ key }) => key),
  );
  const backward = await byOther(
    of,
    pairs.map(({ key, other }) => (key === null ? other : null)),
  );
  return pairs.map(({ key, other }, index): Partner => {
    if (key !== null) {
      const found = forward[index]!;
      if (found.other !== null) return { key, other: found.other, mapped: true, identity: found.identity };
      const derived = derivedKey(of.route.keyStrategy, {
        pipeline: of.route.pipeline,
        entity: of.route.entity,
        sourceKey: key,
      });
      return { key, other: derived ?? other, mapped: false, identity: found.identity };
    }
    const found = backward[index]!;
    if (found.key !== null) return { key: found.key, other, mapped: true, identity: found.identity };
    return { key: of.route.keyStrategy === 'same' ? other : null, other, mapped: false, identity: null };
  });
}

async function byKey(
  { route, source, target }: ManyDeps,
  keys: readonly (string | null)[],
): Promise<{ other: string | null; identity: Identity | null }[]> {
  const { pipeline, entity } = route;
  const own = await many(keys, (known) =>
    target.bulk.read((reader) => reader.findIdentities(known.map((key) => identityKey(route, entity, key)))),
  );
  const open = keys.map((key, index) => (own[index]?.targetKey == null && route.twoWay ? key : null));
  const sides = { sourceSide: route.target.side, targetSide: route.source.side };
  const back = await many(open, (known) =>
    source.bulk.read((reader) =>
      reader.findIdentitiesByTarget(known.map((targetKey) => ({ pipeline, entity, ...sides, targetKey }))),
    ),
  );
  return keys.map((_, index) => ({
    other: own[index]?.targetKey ?? back[index]?.sourceKey ?? null,
    identity: own[index] ?? null,
  }));
}

async function byOther(
  { route, source, target }: ManyDeps,
  keys: readonly (string | null)[],
): Promise<{ key: string | null; identity: Identity | null }[]> {
  const { pipeline, entity } = route;
  const sides = { sourceSide: route.source.side, targetSide: route.target.side };
  const own = await many(keys, (known) =>
    target.bulk.read((reader) =>
      reader.findIdentitiesByTarget(known.map((targetKey) => ({ pipeline, entity, ...sides, targetKey }))),
    ),
  );
  const open = keys.map((key, index) => (own[index] == null && route.twoWay ? key : null));
  const back = await many(open, (known) =>
    source.bulk.read((reader) =>
      reader.findIdentities(
        known.map((sourceKey) => ({
          pipeline,
          entity,
          sourceSide: route.target.side,
          sourceKey,
          targetSide: route.source.side,
        })),
      ),
    ),
  );
  return keys.map((_, index) => ({
    key: own[index]?.sourceKey ?? back[index]?.targetKey ?? null,
    identity: own[index] ?? null,
  }));
}

/** Asks for those that are not null. */
async function many<T>(
  keys: readonly (string | null)[],
  ask: (keys: readonly string[]) => Promise<readonly (T | null)[]>,
): Promise<(T | null)[]> {
  const known = keys.filter((key) => key !== null);
  if (known.length === 0) return keys.map(() => null);
  const found = await ask(known);
  let at = 0;
  return keys.map((key) => (key === null ? null : (found[at++] ?? null)));
}

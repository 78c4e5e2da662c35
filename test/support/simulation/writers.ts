import type { AppTransaction } from '../memory/app.ts';
import { winnerOf } from './knowledge.ts';
import { partnersOf } from './pairs.ts';
import { columns, otherSide, referenceOf } from './schema.ts';
import type { EntityName, Side } from './schema.ts';
import type { World } from './world.ts';

const operations = {
  insert: 24,
  update: 34,
  touch: 4,
  delete: 11,
  recreate: 6,
  replace: 6,
  insertGone: 5,
  changeKey: 4,
  swap: 4,
} as const;
type Operation = keyof typeof operations;
/** Few rows with long histories. */
const fewRows = { ...operations, insert: 4, delete: 16, recreate: 2, insertGone: 24 } as const;

/** One transaction of the side's app: one or two statements, on rows of its own and rows that came from the other side. */
export async function writeAtRandom(world: World, side: Side): Promise<void> {
  const { random } = world;
  const statements = random.chance(0.2) ? 2 : 1;
  const plans = Array.from({ length: statements }, () => {
    const entity = entityOf(world, side);
    return { entity, operation: random.weighted(world.settings.few ? fewRows : operations) };
  });
  const givenUp = random.chance(0.06);
  const what = plans.map(({ operation, entity }) => `${operation} ${entity}`).join(', ');
  await world
    .write(side, what, async (tx) => {
      for (const { entity, operation } of plans) await perform(world, side, tx, entity, operation);
      if (givenUp) throw new GivenUp();
    })
    .catch(unlessGivenUp);
}

class GivenUp extends Error {}

const unlessGivenUp = (error: unknown): void => {
  if (!(error instanceof GivenUp)) throw error;
};

/** The one-way entities' target is Tandem's alone; unique values come from one side. */
function entityOf({ random, settings }: World, side: Side): EntityName {
  if (settings.few) return 'parents';
  const weights = {
    parents: 4,
    children: 4,
    codes: 2,
    tags: 4,
    profiles: 3,
    notes: 4,
    remarks: 3,
    prices: 2,
    offers: 2,
  };
  if (side === 'right') weights.prices = weights.offers = 0;
  if (side !== settings.codesFrom) weights.codes = 0;
  return random.weighted(weights);
}

async function perform(
  world: World,
  side: Side,
  tx: AppTransaction,
  entity: EntityName,
  operation: Operation,
) {
  const { random } = world;
  const rows = world.databases[side].contents.table(entity).committed;
  const key = rows.size === 0 ? null : random.pick([...rows.keys()]);
  const values = valuesOf(world, side, entity);
  if (values === null) return;
  if (operation === 'insertGone') return void (await tx.insert(entity, values, goneKey(world, side, entity)));
  if (operation === 'insert' || key === null) return void (await tx.insert(entity, values));
  switch (operation) {
    case 'update':
      return void (await tx.update(entity, key, random.chance(0.5) ? textOnly(values, side) : values));
    case 'touch':
      return void (await tx.update(entity, key, { seen: String(random.int(3)) }));
    case 'delete':
      return void (await tx.delete(entity, key));
    case 'recreate':
      if (await tx.delete(entity, key)) await tx.insert(entity, values, key);
      return;
    case 'replace':
      return tx.replace(entity, key, values);
    case 'changeKey':
      if (!world.settings.changeKeys) return void (await tx.update(entity, key, values));
      return void (await tx.changeKey(
        entity,
        key,
        random.chance(0.3)
          ? (goneKey(world, side, entity) ?? '') || newKey(world, side)
          : newKey(world, side),
      ));
    case 'swap':
      if (world.settings.distinct && winnerOf(entity)) return void (await tx.update(entity, key, values));
      return swap(world, side, tx, entity);
  }
}

const newKey = (world: World, side: Side) => world.databases[side].newKey();

/** Few values, so that equal ones meet; null where a row it must refer to is missing. */
function valuesOf(world: World, side: Side, entity: EntityName): Record<string, string> | null {
  const { random, databases, settings } = world;
  const { text, code } = columns[side];
  const distinct = settings.distinct && winnerOf(entity) !== undefined;
  const own = { [text]: distinct ? world.newText() : String(random.int(5)) };
  if (entity === 'codes' || entity === 'tags') return { ...own, [code]: `c${random.int(8)}` };
  const reference = referenceOf(entity, side);
  if (!reference) return own;
  const parents = [...databases[side].contents.table(reference.entity).committed.keys()];
  return parents.length === 0 ? null : { ...own, [reference.column]: random.pick(parents) };
}

const textOnly = (values: Record<string, string>, side: Side) => {
  const { text } = columns[side];
  return { [text]: values[text]! };
};

/** A key that was in use once, ended by its own app or by Tandem. */
function goneKey({ random, databases }: World, side: Side, entity: EntityName): string | null {
  const { used, committed } = databases[side].contents.table(entity);
  const gone = [...used].filter((key) => !committed.has(key));
  return gone.length === 0 ? null : random.pick(gone);
}

/** Two rows exchange their values, one parked first: the order a unique value needs. */
async function swap({ random, databases }: World, side: Side, tx: AppTransaction, entity: EntityName) {
  const rows = [...databases[side].contents.table(entity).committed];
  const [a, b] = [random.pick(rows), random.pick(rows)];
  const column = entity === 'codes' || entity === 'tags' ? columns[side].code : columns[side].text;
  if (a[0] === b[0]) return;
  await tx.update(entity, a[0], { [column]: `parked ${a[0]}` });
  await tx.update(entity, b[0], { [column]: a[1].values[column]! });
  await tx.update(entity, a[0], { [column]: b[1].values[column]! });
}

/**
 * What the apps do where one side deleted a parent and the other gave it a child meanwhile: the child goes. Returns
 * whether there was anything to do.
 */
export async function settleOrphans(world: World): Promise<boolean> {
  let settled = false;
  for (const event of world.inFlight.slice()) {
    const { source, entity_type: name, primary_key: key } = event;
    const entity = name as EntityName;
    const from = source as Side;
    const remove = async (side: Side, of: EntityName, own: string) => {
      if (!world.databases[side].rows(of).has(own)) return;
      settled = true;
      await world.write(side, `delete ${of} ${own}, whose parent is gone`, async (tx) => {
        await tx.delete(of, own);
      });
    };
    if (event.operation !== 'DELETE') {
      if (referenceOf(entity, from)) await remove(from, entity, key);
      continue;
    }
    const children = childrenOf(entity);
    if (!children) continue;
    const to = otherSide[from];
    const { column } = referenceOf(children, to)!;
    const parent = partnersOf(world, entity, from, key);
    for (const [child, { values }] of world.databases[to].rows(children))
      if (parent.has(String(values[column]))) await remove(to, children, child);
  }
  return settled;
}

const childrenOf = (entity: EntityName): EntityName | null =>
  (['children', 'profiles', 'remarks'] as const).find(
    (each) => referenceOf(each, 'left')!.entity === entity,
  ) ?? null;

/**
 * What an operator does where both sides gave one value to different pairs meanwhile: one of the rows takes another.
 * Returns whether there was anything to do.
 */
export async function settleClashes(world: World): Promise<boolean> {
  let settled = false;
  for (const { source, entity_type: entity, operation, primary_key: key } of world.inFlight.slice()) {
    const side = source as Side;
    if (entity !== 'tags' || operation === 'DELETE' || !world.databases[side].rows('tags').has(key)) continue;
    settled = true;
    await world.write(side, `rename tags ${key}, whose code clashes`, async (tx) => {
      await tx.update('tags', key, { [columns[side].code]: `free ${side} ${key} ${world.inFlight.length}` });
    });
    return settled;
  }
  return settled;
}

import type { App } from './app.ts';
import { Idle } from './idle.ts';
import type { Journal } from './journal.ts';
import type { Random } from './random.ts';
import { otherSide, sides } from './words.ts';
import type { Entity, Side } from './words.ts';

type Move = (app: App, entity: Entity, key: string, random: Random) => ReturnType<App['transaction']>;

const edit: Move = (app, entity, key, random) =>
  app.transaction((hand) => hand.update(entity, key, { text: random.token() }));
const twice: Move = (app, entity, key, random) =>
  app.transaction(async (hand) => {
    for (let n = 0; n < 2; n++) await hand.update(entity, key, { text: random.token() });
  });
const remove: Move = (app, entity, key) => app.transaction((hand) => hand.remove(entity, key));
/** Deletes the row and puts another under its key. */
const renew =
  (mark: string): Move =>
  (app, _entity, key, random) =>
    app.transaction(async (hand) => {
      const name = `${mark}lone_${random.token()}`;
      await hand.remove('users', key);
      await hand.insert('users', { name, email: `${name}@x.example`, text: random.token() }, key);
    });

const races: readonly {
  name: string;
  weight: number;
  users: boolean;
  moves: (mark: string) => [Move, Move];
}[] = [
  { name: 'race: edit against edit', weight: 5, users: false, moves: () => [edit, edit] },
  { name: 'race: edit against two edits', weight: 2, users: false, moves: () => [edit, twice] },
  { name: 'race: delete against edit', weight: 3, users: false, moves: () => [remove, edit] },
  { name: 'race: delete against delete', weight: 2, users: false, moves: () => [remove, remove] },
  {
    name: 'race: new row under the key against edit',
    weight: 2,
    users: true,
    moves: (mark) => [renew(mark), edit],
  },
];

/** Both sides write the same pair of rows at about the same time. */
export async function race(
  apps: Readonly<Record<Side, App>>,
  journal: Journal,
  mark: string,
  random: Random,
): Promise<void> {
  const { name, users, moves } = random.weighted(races);
  const [entity, prefix]: [Entity, string] =
    users || random.next() < 0.6 ? ['users', `${mark}lone_`] : ['posts', `${mark}note_`];
  const pair = await somePair(apps, entity, prefix, random);
  if (pair === null) return journal.note(name, 'idle', []);
  const first = random.pick(sides)!;
  const [one, other] = moves(mark);
  const results = await Promise.all([
    one(apps[first], entity, pair[first], random),
    other(apps[otherSide[first]], entity, pair[otherSide[first]], random),
  ]);
  for (const { ending, writes, reason } of results) journal.note(name, ending, writes, reason);
}

/** A row that both sides have: told by its name, which no other row has. */
async function somePair(
  apps: Readonly<Record<Side, App>>,
  entity: Entity,
  prefix: string,
  random: Random,
): Promise<Record<Side, string> | null> {
  const found: Partial<Record<Side, Map<string, string>>> = {};
  for (const side of sides)
    await apps[side].transaction(async (hand) => {
      found[side] = await hand.named(entity, prefix);
      throw new Idle();
    });
  const { legacy, revamp } = found;
  if (!legacy || !revamp) return null;
  const name = random.pick([...legacy.keys()].filter((each) => revamp.has(each)));
  return name === undefined ? null : { legacy: legacy.get(name)!, revamp: revamp.get(name)! };
}

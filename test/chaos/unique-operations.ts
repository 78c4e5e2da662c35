import { Idle } from './idle.ts';
import { below, insertUser, prefix, someLike } from './operations.ts';
import type { Operation, Turn } from './operations.ts';

/** Users whose names wander among them, of one side. */
const population = 8;

const naming = (name: string) => ({ name, email: `${name}@x.example` });

/** Names and keys of two of them. */
async function two(turn: Turn): Promise<[[string, string], [string, string]]> {
  const named = [...(await turn.hand.named('users', prefix.named(turn)))];
  const [first] = named.splice(turn.random.below(named.length), 1);
  const second = turn.random.pick(named);
  if (!first || !second) throw new Idle();
  return [first, second];
}

/** Two rows exchange their names through a third, which is no version of any row in the end. */
export const exchange: Operation = {
  name: 'swap of names',
  weight: 3,
  async run(turn) {
    const [[name, key], [otherName, other]] = await two(turn);
    await turn.hand.update('users', key, naming(`${prefix.named(turn)}${turn.random.token()}`));
    await turn.hand.update('users', other, naming(name));
    await turn.hand.update('users', key, naming(otherName));
  },
};

/** What moves a unique value from one row to another, so that its old row must have let go of it first. */
export const uniqueOperations: readonly Operation[] = [
  {
    name: 'insert of a user whose name wanders',
    weight: 2,
    async run(turn) {
      await below(turn, 'users', prefix.named(turn), population);
      await insertUser(turn, prefix.named(turn));
    },
  },
  {
    name: 'name handed on from a deleted row to a new one',
    weight: 2,
    async run(turn) {
      const [[name, key]] = await two(turn);
      await turn.hand.remove('users', key);
      await turn.hand.insert('users', { ...naming(name), text: turn.random.token() });
    },
  },
  {
    name: 'name handed on between rows',
    weight: 2,
    async run(turn) {
      const [[name, key], [, other]] = await two(turn);
      await turn.hand.update('users', key, naming(`${prefix.named(turn)}${turn.random.token()}`));
      await turn.hand.update('users', other, naming(name));
    },
  },
  {
    name: 'unlike, then like',
    weight: 3,
    async run(turn) {
      const { id, author, article } = await someLike(turn);
      await turn.hand.remove('likes', id);
      await turn.hand.insert('likes', { author, article });
    },
  },
];

import { below, insertUser, population, prefix, some, update } from './operations.ts';
import type { Operation, Turn } from './operations.ts';

/** Far above what either side generates. */
const farKey = ({ random }: Turn): string => String(2_000_000_000 + random.below(1_000_000_000));

/** What changes the key of a row. */
export const keyOperations: readonly Operation[] = [
  {
    name: 'insert of a row whose key will change',
    weight: 2,
    async run(turn) {
      await below(turn, 'users', prefix.moved(turn), population.moved);
      await insertUser(turn, prefix.moved(turn));
    },
  },
  {
    name: 'change of key',
    weight: 3,
    run: async (turn) =>
      turn.hand.rekey('users', await some(turn, 'users', prefix.moved(turn)), farKey(turn)),
  },
  {
    name: 'update of a row whose key changes',
    weight: 3,
    run: (turn) => update(turn, 'users', prefix.moved(turn)),
  },
  {
    name: 'delete of a row whose key changed',
    weight: 1,
    run: async (turn) => turn.hand.remove('users', await some(turn, 'users', prefix.moved(turn))),
  },
];

import { effect } from '../../src/pipeline/effects.ts';
import { affectedUsers } from './affected-users.ts';
import { ofQueue, ofUser } from './cache-keys.ts';
import { checkQueue } from './eligibility.ts';

/** Whose changes decide on who is called; the others only show in a context. */
const decides: ReadonlySet<string> = new Set(['users', 'claims', 'claim_requirements']);

/** After a change: the queue is made right for its users, then what is cached of them, and of the queue, is dropped. */
export const effects = Object.entries(affectedUsers).map(([entity, affected]) =>
  effect({
    name: `${entity}_changed`,
    entity,
    // A claim that moved on since has left a user behind.
    afterStale: true,
    async run(applied, { sql, cache }) {
      const dialler = sql('dialler');
      const users = await affected(applied, dialler);
      if (decides.has(entity)) await checkQueue(dialler, users);
      await cache.invalidate([...users.flatMap(ofUser), ...(decides.has(entity) ? ofQueue : [])]);
    },
  }),
);

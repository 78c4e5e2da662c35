import { expect, test } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Waker } from '../../../src/process/waker.ts';
import type { WakerOptions } from '../../../src/process/waker.ts';

function world(fails: Record<string, Error>) {
  const signalled: string[] = [];
  const forgotten: string[] = [];
  const client = {
    withDeadline: (_: unknown, run: () => Promise<unknown>) => run(),
    workflow: {
      getHandle: (id: string) => ({
        signal: (name: string) => {
          signalled.push(`${name} ${id}`);
          return fails[id] ? Promise.reject(fails[id]) : Promise.resolve();
        },
      }),
    },
  } as unknown as WakerOptions['client'];
  const room = (ids: string[]) => ({
    takeWoken: () => Promise.resolve(ids),
    forgetWaiting: (of: readonly string[]) => Promise.resolve(void forgotten.push(...of)),
  });
  return { client, room, signalled, forgotten };
}

test('wakes what each room gives, and forgets only those nobody can wake any more', async () => {
  const { client, room, signalled, forgotten } = world({
    gone: new WorkflowNotFoundError('no such workflow', 'gone', undefined),
    away: new Error('UNAVAILABLE'),
  });
  const databases = [room(['a', 'gone', 'away']), room(['b'])];
  await new Waker({ client, pipeline: 'p', databases }).look();
  expect(signalled.toSorted()).toEqual(['wake a', 'wake away', 'wake b', 'wake gone']);
  expect(forgotten).toEqual(['gone']);
});

test('a room that cannot be asked keeps nobody in another from being woken', async () => {
  const { client, room, signalled } = world({});
  const broken = { ...room([]), takeWoken: () => Promise.reject(new Error('the database is away')) };
  await new Waker({ client, pipeline: 'p', databases: [broken, room(['a'])] }).look();
  expect(signalled).toEqual(['wake a']);
});

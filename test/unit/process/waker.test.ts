import { expect, test } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Overdue } from '../../../src/database/waiting-room.ts';
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
    takeOverdue: () => Promise.resolve<string[]>([]),
    forgetWaiting: (of: readonly string[]) => Promise.resolve(void forgotten.push(...of)),
  });
  let live: Record<string, number> = {};
  const waker = (databases: WakerOptions['databases']) =>
    new Waker({
      client,
      pipeline: 'p',
      databases,
      streams: {
        // Past a commit time as long as the stream is live, and not before it.
        liveMs: (entity, side, committed) =>
          Promise.resolve(Math.max(0, (live[`${entity}/${side}`] ?? 0) - committed)),
      },
      awaited: [
        { entity: 'parents', side: 'left' },
        { entity: 'owners', side: 'left' },
      ],
      deadlineMs: 100,
    });
  return { waker, room, signalled, forgotten, goesOn: (now: typeof live) => (live = now) };
}

test('wakes what each room gives, and forgets only those nobody can wake any more', async () => {
  const { waker, room, signalled, forgotten } = world({
    gone: new WorkflowNotFoundError('no such workflow', 'gone', undefined),
    away: new Error('UNAVAILABLE'),
  });
  const databases = [room(['a', 'gone', 'away']), room(['b'])];
  await waker(databases).look();
  expect(signalled.toSorted()).toEqual(['wake a', 'wake away', 'wake b', 'wake gone']);
  expect(forgotten).toEqual(['gone']);
});

test('a room that cannot be asked keeps nobody in another from being woken', async () => {
  const { waker, room, signalled } = world({});
  const broken = { ...room([]), takeWoken: () => Promise.reject(new Error('the database is away')) };
  await waker([broken, room(['a'])]).look();
  expect(signalled).toEqual(['wake a']);
});

test('wakes whose deadline has passed while the stream of what it awaits was live, and asks nobody before', async () => {
  const { waker, room, signalled, goesOn } = world({});
  const asked: string[] = [];
  const entered = { early: 10, late: 60 };
  const database = {
    ...room([]),
    async takeOverdue({ pipeline, entity, side, isOverdue }: Overdue) {
      asked.push(`${pipeline} ${entity} ${side}`);
      const due: string[] = [];
      for (const [id, at] of Object.entries(entered)) if (await isOverdue(at)) due.push(id);
      return due;
    },
  };
  const look = () => waker([database]).lookForOverdue();
  goesOn({ 'parents/left': 99 });
  await look();
  expect(asked).toEqual([]);
  goesOn({ 'parents/left': 110 });
  await look();
  expect(asked).toEqual(['p parents left']);
  expect(signalled).toEqual(['wake early']);
  goesOn({ 'parents/left': 160 });
  await look();
  expect(signalled).toEqual(['wake early', 'wake early', 'wake late']);
});

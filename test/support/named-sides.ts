import { expect } from '@jest/globals';
import type { ChangeEvent } from '../../src/change/event.ts';
import { TwoSides } from './two-sides.ts';
import type { SideName } from './two-sides.ts';

export const column = { left: 'name', right: 'title' } as const;

export async function worldOf(...names: string[]): Promise<TwoSides> {
  const world = new TwoSides({ unique: true });
  for (const name of names) await world.deliver(world.insert('left', 'parents', { name }));
  return world;
}

export const names = (world: TwoSides, side: SideName) =>
  [...world.databases[side].rows('parents').values()]
    .map(({ values, clock }) => `${String(values[column[side]])}@${clock}`)
    .toSorted();

export const agree = (world: TwoSides) => expect(names(world, 'left')).toEqual(names(world, 'right'));

/** Gives each row the next one's name at once, as one statement with a deferred constraint does. */
export function rotate(world: TwoSides, keys: readonly string[]): ChangeEvent[] {
  const rows = world.databases.left.rows('parents');
  const taken = keys.map((_, at) => rows.get(keys[(at + 1) % keys.length]!)!.values['name']!);
  return keys.map((key, at) => world.update('left', 'parents', key, { name: taken[at]! }));
}

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyByReading } from '../../../src/apply/apply-by-reading.ts';
import { applyEvent } from '../../../src/apply/apply-event.ts';
import { assertClear, UnclearPosition } from '../../../src/apply/position.ts';
import { resolveIdentity } from '../../../src/apply/resolve-identity.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { eventId } from '../../../src/change/event-id.ts';
import type { Identity } from '../../../src/database/contract.ts';
import { integer, text } from '../../../src/pipeline/columns.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { definePipeline, entity, postgres, table } from '../../../src/pipeline/define.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import { MemoryDatabase } from '../../support/memory-database.ts';

const oneWay = compilePipeline(
  definePipeline({
    name: 'oneway',
    sides: { left: postgres({ url: 'postgres://left' }), right: postgres({ url: 'postgres://right' }) },
    entities: {
      items: entity({
        tables: {
          left: table('items', { id: integer(), name: text() }),
          right: table('items', { id: integer(), title: text() }),
        },
        columns: { name: 'title' },
        direction: 'one_way',
      }),
    },
  }),
);
const route = oneWay.route('items', 'left')!;

/** A source with a log that can begin anew, and a target. */
class OneWay {
  readonly left = new MemoryDatabase('left', 1);
  readonly right = new MemoryDatabase('right', 1_000_001);
  epoch = 1;
  seconds = 0;
  #place = 1000;

  restart(): void {
    this.#place = 0;
  }

  write(key: string, name: string | null): ChangeEvent {
    const rows = this.left.rows('items');
    const operation = name === null ? 'DELETE' : rows.has(key) ? 'UPDATE' : 'CREATE';
    if (name === null) rows.delete(key);
    else rows.set(key, { values: { id: key, name }, clock: null });
    const position = { epoch: this.epoch, order: String(++this.#place).padStart(10, '0') };
    const of = { pipeline: 'oneway', entity: 'items', side: 'left', table: 'items', key, operation } as const;
    return {
      // as unique as the time, since a log that began anew gives positions out again
      event_id: eventId({ ...of, position: { ...position, order: `${position.order}/${this.seconds}` } }),
      event_version: '1.0.0',
      pipeline: 'oneway',
      entity_type: 'items',
      operation,
      primary_key: key,
      payload: { id: key, ...(name !== null && { name }) },
      before: null,
      source: 'left',
      timestamp: new Date(this.seconds * 1000).toISOString(),
      position,
      clock: null,
      origin: null,
      snapshot: false,
    };
  }

  /** Applies as `upsertRow` does; returns whether the log was taken for one that began anew. */
  async deliver(event: ChangeEvent): Promise<boolean> {
    const deps = { route, source: this.left, target: this.right };
    const resolved = await resolveIdentity(deps, event);
    try {
      await applyEvent(deps, event, transformChange(route, event), resolved);
      return false;
    } catch (error) {
      if (!(error instanceof UnclearPosition)) throw error;
      await applyByReading(deps, event);
      return error.restarted;
    }
  }

  get differs(): boolean {
    const image = (of: MemoryDatabase, column: string) =>
      [...of.rows('items').values()].map(({ values }) => String(values[column])).toSorted();
    return image(this.left, 'name').join() !== image(this.right, 'title').join();
  }
}

test('a change with an older position and a newer commit time is brought over, and is a restart of the log', async () => {
  const world = new OneWay();
  await world.deliver(world.write('1', 'before'));
  world.restart();
  world.seconds = 60;
  expect(await world.deliver(world.write('1', 'after'))).toBe(true);
  expect(world.differs).toBe(false);
});

test('a late change of the old log does not undo one of the new', async () => {
  const world = new OneWay();
  const late = world.write('1', 'before');
  world.restart();
  world.seconds = 60;
  await world.deliver(world.write('1', 'after'));
  expect(await world.deliver(late)).toBe(false);
  expect(world.differs).toBe(false);
});

test('a row that ended meanwhile ends on the target', async () => {
  const world = new OneWay();
  await world.deliver(world.write('1', 'before'));
  world.restart();
  world.seconds = 60;
  const update = world.write('1', 'after');
  world.write('1', null);
  await world.deliver(update);
  expect(world.right.rows('items').size).toBe(0);
});

test('what was read does not outrank a change that was applied while it was read', async () => {
  const world = new OneWay();
  await world.deliver(world.write('1', 'first'));
  world.restart();
  world.seconds = 60;
  const second = world.write('1', 'second');
  const deps = { route, source: world.left, target: world.right };
  const read = world.left.findRow.bind(world.left);
  world.left.findRow = async (...of) => {
    const row = await read(...of);
    world.left.findRow = read;
    world.epoch = 2;
    await world.deliver(world.write('1', 'third'));
    return row;
  };
  await expect(applyByReading(deps, second)).rejects.toMatchObject({ errorClass: 'contention' });
  expect(world.differs).toBe(false);
  await applyByReading(deps, second);
  expect(world.differs).toBe(false);
});

test('whenever the log begins anew, in whatever order and how often its changes come, both sides agree in the end', async () => {
  const write = fc.record({
    key: fc.constantFrom('1', '2', '3'),
    name: fc.option(fc.constantFrom('a', 'b', 'c', 'd')),
    seconds: fc.integer({ min: 1, max: 20 }),
    log: fc.constantFrom('goes on', 'goes on', 'goes on', 'begins anew', 'begins a new epoch'),
    times: fc.integer({ min: 1, max: 2 }),
    when: fc.double({ min: 0, max: 3, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 25 }), async (writes) => {
      const world = new OneWay();
      const deliveries: { event: ChangeEvent; at: number }[] = [];
      for (const [index, { key, name, seconds, log, times, when }] of writes.entries()) {
        world.seconds += seconds;
        if (log !== 'goes on') world.restart();
        if (log === 'begins a new epoch') world.epoch++;
        if (name === null && !world.left.rows('items').has(key)) continue;
        const event = world.write(key, name);
        for (let time = 0; time < times; time++) deliveries.push({ event, at: index + (time + 1) * when });
      }
      // as if ingest and workers had run far behind: the source row is always the last
      for (const { event } of deliveries.toSorted((a, b) => a.at - b.at)) await world.deliver(event);
      expect(world.differs).toBe(false);
    }),
    { numRuns: 200 },
  );
});

describe('the order of an event', () => {
  const identity = { position: { epoch: 1, order: '5' }, sourceTime: 100_000 } as Identity;
  const at = (order: string, seconds: number, epoch = 1, snapshot = false) =>
    ({
      entity_type: 'items',
      position: { epoch, order },
      timestamp: new Date(seconds * 1000).toISOString(),
      snapshot,
    }) as ChangeEvent;
  const unclear = (event: ChangeEvent) => {
    try {
      assertClear(event, identity);
      return 'clear';
    } catch (error) {
      return (error as UnclearPosition).restarted ? 'restarted' : 'unclear';
    }
  };

  test.each([
    ['later in both', at('6', 101), 'clear'],
    ['earlier in both', at('4', 99), 'clear'],
    ['at the same time, by position', at('4', 100), 'clear'],
    ['the same, delivered again', at('5', 100), 'clear'],
    ['earlier by position, newer within what a clock is put back', at('4', 104.9), 'unclear'],
    ['earlier by position, newer by more', at('4', 105.1), 'restarted'],
    ['later by position, older by its time', at('6', 90), 'unclear'],
    ['of a later epoch, whatever its time', at('1', 90, 2), 'clear'],
    ['of an earlier epoch and older', at('9', 90, 0), 'clear'],
    ['of an earlier epoch and newer', at('9', 200, 0), 'unclear'],
    ['a read', at('1', 200, 1, true), 'clear'],
  ])('%s', (_, event, expected) => {
    expect(unclear(event)).toBe(expected);
  });
});

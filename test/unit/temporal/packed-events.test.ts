import { expect, test } from '@jest/globals';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { packEvents, unpackEvents } from '../../../src/temporal/packed-events.ts';
import { maximumEncodedBytes } from '../../../src/temporal/payload-codec.ts';
import { rowEvent } from '../../support/row-event.ts';
import { pair } from '../../support/two-sides.ts';

const event = (name: string, key = '1'): ChangeEvent =>
  rowEvent(pair.route('parents', 'left')!, 'CREATE', key, {
    before: null,
    row: { values: { id: key, name }, clock: 2n ** 62n },
    order: 1,
  });

test('events come out as they went in', async () => {
  const events = [event('é😀"\\\u0000\n', '18446744073709551615'), event('')];
  expect(await unpackEvents(await packEvents(events))).toEqual(events);
});

test('what is alike takes little room, so that a full batch fits into Temporal', async () => {
  const events = Array.from({ length: 500 }, (_, n) =>
    event('a text of some length '.repeat(100), String(n)),
  );
  expect(JSON.stringify(events).length).toBeGreaterThan(1_000_000);
  expect((await packEvents(events)).length).toBeLessThan(maximumEncodedBytes / 10);
});

import { describe, expect, test } from '@jest/globals';
import { eventId, recordId } from '../../../src/change/event-id.ts';
import type { EventIdentity } from '../../../src/change/event-id.ts';

const change: EventIdentity = {
  pipeline: 'pair',
  entity: 'parents',
  side: 'left',
  table: 'public.parents',
  key: '1',
  position: { epoch: 1, order: '0001' },
  operation: 'UPDATE',
};

describe('eventId', () => {
  test('is the one that earlier builds gave', () => {
    expect(eventId(change)).toBe('2cfbe1da-f5c2-53c7-9830-29399f975faf');
    expect(recordId('pair', 'left.parents', 0, '7')).toBe('4a1bc696-b496-5b6f-ad5e-83a94b071cd6');
  });

  const others: [part: string, change: EventIdentity][] = [
    ['pipeline', { ...change, pipeline: 'other' }],
    ['entity', { ...change, entity: 'other' }],
    ['side', { ...change, side: 'right' }],
    ['table', { ...change, table: 'public.other' }],
    ['key', { ...change, key: '2' }],
    ['epoch', { ...change, position: { epoch: 2, order: '0001' } }],
    ['order', { ...change, position: { epoch: 1, order: '0002' } }],
    ['operation', { ...change, operation: 'DELETE' }],
  ];
  test.each(others)('differs by %s', (_part, other) => {
    expect(eventId(other)).not.toBe(eventId(change));
  });

  test('does not confuse parts that run together', () => {
    expect(eventId({ ...change, entity: 'a', side: 'bc' })).not.toBe(
      eventId({ ...change, entity: 'ab', side: 'c' }),
    );
  });
});

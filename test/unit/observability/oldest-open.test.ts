import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { oldestOpen } from '../../../src/observability/oldest-open.ts';

const now = Date.parse('2026-01-08T10:00:00Z');

/** Visibility over workflows started at these times. */
function visibility(times: readonly number[]) {
  const asked = { counts: 0, listed: 0 };
  const of = (query: string) => {
    const before = /StartTime < '([^']+)'/.exec(query)?.[1];
    return before === undefined ? times : times.filter((time) => time < Date.parse(before));
  };
  const workflow = {
    count: (query: string) => {
      asked.counts++;
      return Promise.resolve({ count: of(query).length });
    },
    async *list({ query }: { query: string }) {
      for (const time of of(query)) {
        asked.listed++;
        yield { workflowId: String(time), runId: 'r', startTime: new Date(time) };
      }
    },
  } as unknown as Client['workflow'];
  return { client: { workflow }, asked };
}

test('a few are listed, none is none', async () => {
  const { client, asked } = visibility([now - 5, now - 90, now - 20]);
  expect(await oldestOpen(client, 'q', null, now)).toMatchObject({ started: now - 90 });
  expect(asked).toEqual({ counts: 1, listed: 3 });
  expect(await oldestOpen(visibility([]).client, 'q', null, now)).toBeNull();
});

test('of 20,000 the oldest is found with a bounded number of calls, and with two where it is still there', async () => {
  const { client, asked } = visibility([...Array(20_000).keys()].map((n) => now - 1 - n * 37));
  const oldest = now - 1 - 19_999 * 37;
  expect(await oldestOpen(client, 'q', null, now)).toMatchObject({ started: oldest });
  expect(asked.counts).toBeLessThan(40);
  expect(asked.listed).toBeLessThanOrEqual(1000);
  asked.counts = 0;
  expect(await oldestOpen(client, 'q', oldest, now)).toMatchObject({ started: oldest });
  expect(asked.counts).toBe(2);
});

test('many that were started at one time end the search too', async () => {
  const { client, asked } = visibility(Array<number>(5000).fill(now - 1000));
  expect(await oldestOpen(client, 'q', null, now)).toMatchObject({ started: now - 1000 });
  expect(asked.listed).toBe(1000);
});

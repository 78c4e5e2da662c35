import { expect, test } from '@jest/globals';
import { array, assert, asyncProperty, nat, option } from 'fast-check';
import type { EachBatchPayload } from 'kafkajs';
import pLimit from 'p-limit';
import type { RecordHandler } from '../../../src/ingest/change-feed.ts';
import { HandlerDefect } from '../../../src/ingest/handler-defect.ts';
import { processBatch, type BatchOptions } from '../../../src/ingest/kafka/batch.ts';

/** kafkajs' side of a batch: what it was told to resolve, and a heartbeat that fails when told to. */
function payloadOf(size: number, of: { heartbeat?: () => Promise<void>; isRunning?: () => boolean } = {}) {
  const resolved: number[] = [];
  const messages = [...Array(size).keys()].map((offset) => ({
    offset: String(offset),
    key: null,
    value: Buffer.from('{}'),
    timestamp: '0',
    attributes: 0,
    headers: {},
  }));
  const payload = {
    batch: { topic: 't', partition: 0, messages },
    resolveOffset: (offset: string) => resolved.push(Number(offset)),
    heartbeat: of.heartbeat ?? (() => Promise.resolve()),
    commitOffsetsIfNecessary: () => Promise.resolve(),
    isRunning: of.isRunning ?? (() => true),
    isStale: () => false,
  } as unknown as EachBatchPayload;
  return { payload, resolved };
}

const optionsOf = (handler: RecordHandler, own: Partial<BatchOptions> = {}): BatchOptions => ({
  handler,
  limit: pLimit(8),
  signal: new AbortController().signal,
  halted: () => false,
  tickMs: 1,
  onProgress: () => {},
  ...own,
});

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};

test('a batch is resolved to its end, and never past a record that is not finished', async () => {
  await assert(
    asyncProperty(array(nat(12), { minLength: 1, maxLength: 30 }), async (delays) => {
      const finished = new Set<number>();
      const { payload, resolved } = payloadOf(delays.length);
      payload.resolveOffset = (offset) => {
        for (let below = 0; below <= Number(offset); below++) expect(finished.has(below)).toBe(true);
        resolved.push(Number(offset));
      };
      await processBatch(
        payload,
        optionsOf(async ({ offset }) => {
          await turns(delays[Number(offset)] ?? 0);
          finished.add(Number(offset));
        }),
      );
      expect(resolved.at(-1)).toBe(delays.length - 1);
    }),
    { numRuns: 60 },
  );
});

test('a rebalance gives up what waits, keeps what was finished, and reaches kafkajs only when all has settled', async () => {
  await assert(
    asyncProperty(array(option(nat(5)), { minLength: 1, maxLength: 20 }), async (delays) => {
      const rebalance = new Error('the group is rebalancing');
      const stuck = delays.indexOf(null);
      let beats = 0;
      const { payload, resolved } = payloadOf(delays.length, {
        heartbeat: () => (++beats > 3 ? Promise.reject(rebalance) : Promise.resolve()),
      });
      let underWay = 0;
      const run = processBatch(
        payload,
        optionsOf(async ({ offset }, signal) => {
          underWay++;
          try {
            const turnsLeft = delays[Number(offset)] ?? null;
            if (turnsLeft === null)
              await new Promise((_, reject) => signal.addEventListener('abort', reject));
            else await turns(turnsLeft);
          } finally {
            underWay--;
          }
        }),
      );
      if (stuck === -1) await run.catch(() => {});
      else {
        await expect(run).rejects.toBe(rebalance);
        expect(resolved.at(-1) ?? -1).toBeLessThan(stuck);
      }
      expect(underWay).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test('what stands before a defect is resolved, nothing after it', async () => {
  const { payload, resolved } = payloadOf(6);
  const run = processBatch(
    payload,
    optionsOf(({ offset }) => (offset === '3' ? Promise.reject(new TypeError('defect')) : Promise.resolve())),
  );
  await expect(run).rejects.toThrow(HandlerDefect);
  expect(resolved.at(-1)).toBe(2);
});

test('nothing new begins once kafkajs stops or the feed is halted', async () => {
  for (const halt of ['stop', 'pause'] as const) {
    let taken = 0;
    const { payload, resolved } = payloadOf(10, { isRunning: () => halt !== 'stop' || taken < 4 });
    const handler: RecordHandler = () => {
      taken++;
      return Promise.resolve();
    };
    await processBatch(
      payload,
      optionsOf(handler, { limit: pLimit(1), halted: () => halt === 'pause' && taken >= 4 }),
    );
    expect(taken).toBe(4);
    expect(resolved.at(-1)).toBe(3);
  }
});

import { expect, test } from '@jest/globals';
import type { FeedRecord } from '../../../src/ingest/change-feed.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { createMetrics } from '../../../src/observability/create-metrics.ts';
import { RecordsInHand } from '../../../src/observability/records-in-hand.ts';
import { noTracing } from '../../../src/observability/tracing.ts';
import type { SpanOptions } from '../../../src/observability/tracing.ts';
import { Troubles } from '../../../src/observability/troubles.ts';
import { observeIngest } from '../../../src/process/observe-ingest.ts';
import { pair, TwoSides } from '../../support/two-sides.ts';

const event = new TwoSides().insert('left', 'parents', { name: 'secret' });
const { source } = pair.route('parents', 'left')!;
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

const record = (offset: string, headers = {}): FeedRecord => ({
  topic: 'left.parents',
  partition: 2,
  offset,
  headers,
  key: null,
  value: Buffer.from('secret'),
  timestamp: 0,
  followers: 0,
});

function observed() {
  const spans: SpanOptions[] = [];
  const metrics = createMetrics({ processMetrics: false });
  const tracing = {
    ...noTracing,
    during: <T>(span: SpanOptions, work: () => Promise<T>) => {
      spans.push(span);
      return work();
    },
  };
  const troubles = new Troubles({ detected() {}, repaired() {} });
  const told = { metrics, tracing, inHand: new RecordsInHand(), troubles };
  const place = { pipeline: 'pair', side: 'left' };
  return { spans, metrics, observer: observeIngest(told, place, createLogger({ level: 'silent' })) };
}

test('an event goes on with the trace of its record, and its span holds nothing of its row', async () => {
  const { spans, observer } = observed();
  await observer.during([record('7', { traceparent })], event, () => Promise.resolve());
  expect(spans).toEqual([
    {
      name: 'ingest',
      kind: 'consumer',
      begins: true,
      parent: { traceparent },
      attributes: {
        'messaging.destination.name': 'left.parents',
        'messaging.destination.partition.id': '2',
        'messaging.message.id': '7',
        'tandem.event_id': event.event_id,
        'tandem.entity': 'parents',
        'tandem.operation': 'CREATE',
        'tandem.side': 'left',
      },
    },
  ]);
});

test('a batch has one span, which refers to the traces of its records', async () => {
  const { spans, observer } = observed();
  await observer.during([record('7', { traceparent }), record('8')], event, () => Promise.resolve());
  expect(spans).toEqual([
    expect.objectContaining({
      parent: null,
      links: [{ traceparent }],
      attributes: expect.objectContaining({ 'messaging.batch.message_count': 2 }),
    }),
  ]);
});

test('capture and ingest are timed, ingest only of what Temporal holds', async () => {
  const { metrics, observer } = observed();
  const count = async (step: string) =>
    Number(
      new RegExp(`step_seconds_count\\{table="left.parents",step="${step}"\\} (\\d+)`).exec(
        await metrics.expose(),
      )?.[1] ?? 0,
    );
  observer.taken(record('7'), source, event);
  await expect(
    observer.during([record('7')], event, () => Promise.reject(new Error('away'))),
  ).rejects.toThrow();
  expect([await count('capture'), await count('ingest')]).toEqual([1, 0]);
  await observer.during([record('7')], event, () => Promise.resolve());
  observer.released(record('7'));
  await observer.during([record('7')], event, () => Promise.resolve());
  expect([await count('capture'), await count('ingest')]).toEqual([1, 1]);
});

test('a record that nobody understands is a dead letter of its class', async () => {
  const { metrics, observer } = observed();
  observer.deadRecord(record('7'), 'data', 'not JSON');
  expect(await metrics.expose()).toContain(
    'sync_dead_letters_raised_total{table="left.unknown",error_type="data"} 1',
  );
});

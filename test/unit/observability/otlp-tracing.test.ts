import { expect, test } from '@jest/globals';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { otlpTracing } from '../../../src/observability/otlp-tracing.ts';
import type { Tracing } from '../../../src/observability/tracing.ts';
import { runSpanId } from '../../../src/temporal/trace-carrier.ts';
import { eventually } from '../../support/eventually.ts';
import { otlpReceiver } from '../../support/otlp-receiver.ts';
import type { ReceivedSpan } from '../../support/otlp-receiver.ts';

const log = createLogger({ level: 'silent' });
const [trace, span] = ['a'.repeat(32), 'b'.repeat(16)];
const from = (flags: string) => ({ traceparent: `00-${trace}-${span}-${flags}` });

async function sent(work: (tracing: Tracing) => unknown, ratio = 1): Promise<ReceivedSpan[]> {
  await using receiver = await otlpReceiver();
  const { endpoint } = receiver;
  const tracing = otlpTracing({ endpoint, headers: {}, serviceName: 'test', ratio }, log);
  await work(tracing);
  await tracing.close();
  return receiver.spans();
}

test('a span goes on with the trace it is told of, and what is done in it hangs below it', async () => {
  const [inner, outer] = await sent((tracing) =>
    tracing.during({ name: 'outer', parent: from('01') }, () =>
      tracing.during({ name: 'inner' }, async () => tracing.note({ 'tandem.outcome': 'applied' })),
    ),
  );
  expect(outer).toMatchObject({ name: 'outer', traceId: trace, parentSpanId: span });
  expect(inner).toMatchObject({ name: 'inner', traceId: trace, parentSpanId: outer!.spanId });
  expect(inner!.attributes).toEqual({ 'tandem.outcome': 'applied' });
});

test('outside of a trace only what begins one leaves a span', async () => {
  const spans = await sent(async (tracing) => {
    await tracing.during({ name: 'statement' }, () => Promise.resolve());
    await tracing.during({ name: 'begins', begins: true }, () => Promise.resolve());
  });
  expect(spans.map(({ name }) => name)).toEqual(['begins']);
});

test('whoever began a trace says whether it is kept', async () => {
  const spans = await sent(async (tracing) => {
    await tracing.during({ name: 'not kept', parent: from('00') }, () => Promise.resolve());
    await tracing.during({ name: 'drawn', begins: true }, () => Promise.resolve());
    await tracing.during({ name: 'kept', parent: from('01') }, () => Promise.resolve());
  }, 0);
  expect(spans.map(({ name }) => name)).toEqual(['kept']);
});

test('a run has the span id its activities were told, the next span another', async () => {
  const runId = '019ac2b4-1111-7222-8333-0123456789ab';
  const of = { name: 'syncChange', parent: from('01'), runId, started: 1_795_000_000_000, attributes: {} };
  const [run, next] = await sent((tracing) => {
    tracing.runEnded({ ...of, error: 'data' });
    return tracing.during({ name: 'next', begins: true }, () => Promise.resolve());
  });
  expect(run).toMatchObject({ traceId: trace, parentSpanId: span, spanId: runSpanId(runId) });
  expect(run).toMatchObject({ startTimeUnixNano: '1795000000000000000' });
  expect(run!.attributes).toEqual({ 'error.type': 'data' });
  expect(next!.spanId).not.toBe(runSpanId(runId));
});

test('a failure is told by its class, without its message', async () => {
  const spans = await sent(async (tracing) => {
    for (const error of [new SyncError('constraint', 'secret'), new TypeError('secret')])
      await tracing.during({ name: 'fails', begins: true }, () => Promise.reject(error)).catch(() => {});
  });
  expect(spans.map(({ attributes }) => attributes)).toEqual([
    { 'error.type': 'constraint' },
    { 'error.type': 'TypeError' },
  ]);
  expect(JSON.stringify(spans)).not.toContain('secret');
});

test('spans that nobody takes are told once, and nothing fails for it', async () => {
  await using receiver = await otlpReceiver();
  const lines: string[] = [];
  const logger = createLogger({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
  const endpoint = `${receiver.endpoint}/nobody`;
  const tracing = otlpTracing({ endpoint, headers: {}, serviceName: 'test', ratio: 1 }, logger);
  const lose = () => tracing.during({ name: 'lost', begins: true }, () => Promise.resolve());
  await lose();
  await eventually('the first loss to be told', () => lines.length > 0);
  await lose();
  await tracing.close();
  expect(lines).toEqual([expect.stringContaining('spans are lost')]);
});

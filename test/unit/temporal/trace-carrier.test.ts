import { expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { carrierIn, runSpanId, traceHeaders, withinRun } from '../../../src/temporal/trace-carrier.ts';

test('what a run carries on is the trace it came from, with the span that the run is', () => {
  const parent = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' };
  const runId = '019ac2b4-1111-7222-8333-0123456789ab';
  expect(runSpanId(runId)).toBe('83330123456789ab');
  expect(withinRun(parent, runId)).toEqual({
    traceparent: `00-${'a'.repeat(32)}-83330123456789ab-01`,
    tracestate: 'vendor=1',
  });
});

test('a carrier goes through headers, and headers without one tell of no trace', () => {
  const carrier = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
  expect(carrierIn(traceHeaders(carrier))).toEqual(carrier);
  expect(traceHeaders(null)).toEqual({});
  for (const other of [{}, null, 'text'])
    expect(carrierIn({ '_tracer-data': defaultPayloadConverter.toPayload(other) })).toBeNull();
});

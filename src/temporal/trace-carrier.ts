import { defaultPayloadConverter } from '@temporalio/common';
import type { Headers } from '@temporalio/common';

/** A place in a trace, as W3C Trace Context writes it. */
export interface TraceCarrier {
  /** `00-<trace>-<span>-<flags>`, in hexadecimal. */
  traceparent: string;
  tracestate?: string;
}

/** The header Temporal's own interceptors use in every SDK. */
const name = '_tracer-data';

export const traceHeaders = (carrier: TraceCarrier | null): Headers =>
  carrier === null ? {} : { [name]: defaultPayloadConverter.toPayload(carrier) };

/** Null where the headers of a workflow or activity tell of no trace. */
export function carrierIn({ [name]: payload }: Headers): TraceCarrier | null {
  if (payload === undefined) return null;
  const carrier = defaultPayloadConverter.fromPayload<Partial<TraceCarrier> | null>(payload);
  return typeof carrier?.traceparent === 'string' ? (carrier as TraceCarrier) : null;
}

/** A run shows as one span, whose id is told by the run's. */
export const runSpanId = (runId: string): string => runId.replaceAll('-', '').slice(-16);

/** The place of a run within the trace that it was started from. */
export function withinRun(of: TraceCarrier, runId: string): TraceCarrier {
  const [version, trace, , flags] = of.traceparent.split('-');
  return { ...of, traceparent: [version, trace, runSpanId(runId), flags].join('-') };
}

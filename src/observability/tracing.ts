import type { TraceCarrier } from '../temporal/trace-carrier.ts';

/** Names and numbers; no row value. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  name: string;
  kind?: 'consumer' | 'producer' | 'client';
  attributes?: SpanAttributes;
  /** Where it belongs, if not to the span it is called in; null: nowhere. */
  parent?: TraceCarrier | null;
  /** Other traces that it is about. */
  links?: readonly TraceCarrier[];
  /** It begins a trace where it belongs to none; others then leave no span. */
  begins?: true;
}

/** What happened elsewhere: the run of a workflow. */
export interface EndedRun {
  name: string;
  parent: TraceCarrier;
  runId: string;
  /** Milliseconds since the epoch. */
  started: number;
  attributes: SpanAttributes;
  /** Its class; null: none. */
  error: string | null;
}

/** The traces of a process. */
export interface Tracing {
  /** False: nothing is traced, and none of the rest does anything. */
  readonly on: boolean;
  /** Does the work in a span, which tells the class of its failure. */
  during<T>(span: SpanOptions, work: () => Promise<T>): Promise<T>;
  /** Adds to the span it is called in. */
  note(attributes: SpanAttributes): void;
  /** The span it is called in, to be told elsewhere. */
  carrier(): TraceCarrier | null;
  runEnded(run: EndedRun): void;
  /** Sends what is not sent yet; gives up after some seconds. */
  close(): Promise<void>;
}

export const noTracing: Tracing = {
  on: false,
  during: (_, work) => work(),
  note: () => {},
  carrier: () => null,
  runEnded: () => {},
  close: () => Promise.resolve(),
};

/** What a span says of an event. */
export const eventAttributes = (of: {
  eventId: string;
  entity: string | null;
  operation: string | null;
  side: string;
}): SpanAttributes => ({
  'tandem.event_id': of.eventId,
  ...(of.entity !== null && { 'tandem.entity': of.entity }),
  ...(of.operation !== null && { 'tandem.operation': of.operation }),
  'tandem.side': of.side,
});

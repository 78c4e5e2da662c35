import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  defaultTextMapGetter,
  defaultTextMapSetter,
  trace,
} from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { errorType } from '../errors/error-type.ts';
import { runSpanId } from '../temporal/trace-carrier.ts';
import type { TraceCarrier } from '../temporal/trace-carrier.ts';
import type { SpanOptions, Tracing } from './tracing.ts';

export interface OtlpOptions {
  /** Base address of OTLP over HTTP; spans go to `/v1/traces` below it. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  /** Share of the traces begun here that are kept, 0 to 1; those begun elsewhere say it themselves. */
  ratio: number;
}

const patienceMs = 5000;
/** Between two lines of the log about spans that cannot be sent. */
const silenceMs = 60_000;

const kinds = { consumer: SpanKind.CONSUMER, producer: SpanKind.PRODUCER, client: SpanKind.CLIENT } as const;

/** Spans in batches to a collector; what it does not take is dropped, and told to the log. Nothing is registered globally. */
export function otlpTracing({ endpoint, headers, serviceName, ratio }: OtlpOptions, log: Logger): Tracing {
  const url = `${endpoint}/v1/traces`;
  const random = new RandomIdGenerator();
  // The span of a run has an id that was told before there was a span.
  let nextSpanId: string | null = null;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    idGenerator: {
      generateTraceId: () => random.generateTraceId(),
      generateSpanId() {
        const id = nextSpanId ?? random.generateSpanId();
        nextSpanId = null;
        return id;
      },
    },
    spanProcessors: [
      new BatchSpanProcessor({
        scheduledDelayMillis: 1000,
        exporter: telling(new OTLPTraceExporter({ url, headers, timeoutMillis: patienceMs }), () =>
          log.warn({ component: 'traces', address: url }, 'spans are lost: nobody takes them'),
        ),
      }),
    ],
  });
  const tracer = provider.getTracer('tandem');
  const active = new AsyncLocalStorage<Context>();
  const start = ({ name, kind, attributes, links = [] }: SpanOptions, context: Context): Span =>
    tracer.startSpan(
      name,
      {
        ...(kind && { kind: kinds[kind] }),
        ...(attributes && { attributes: { ...attributes } }),
        links: links
          .flatMap((link) => trace.getSpanContext(extract(link)) ?? [])
          .map((context) => ({ context })),
      },
      context,
    );

  return {
    on: true,
    async during(of, work) {
      const context = of.parent === undefined ? (active.getStore() ?? ROOT_CONTEXT) : extract(of.parent);
      if (!of.begins && trace.getSpan(context) === undefined) return work();
      const span = start(of, context);
      try {
        return await active.run(trace.setSpan(context, span), work);
      } catch (error) {
        failed(span, errorType(error));
        throw error;
      } finally {
        span.end();
      }
    },
    note(attributes) {
      trace.getSpan(active.getStore() ?? ROOT_CONTEXT)?.setAttributes(attributes);
    },
    carrier() {
      const context = active.getStore();
      return context ? inject(context) : null;
    },
    runEnded({ name, parent, runId, started, attributes, error }) {
      nextSpanId = runSpanId(runId);
      const span = tracer.startSpan(
        name,
        { startTime: started, attributes: { ...attributes } },
        extract(parent),
      );
      if (error !== null) failed(span, error);
      span.end();
    },
    async close() {
      await provider.shutdown().catch(() => {});
    },
  };
}

const propagator = new W3CTraceContextPropagator();

const extract = (carrier: TraceCarrier | null): Context =>
  propagator.extract(ROOT_CONTEXT, carrier ?? {}, defaultTextMapGetter);

function inject(context: Context): TraceCarrier | null {
  const carrier: Partial<TraceCarrier> = {};
  propagator.inject(context, carrier, defaultTextMapSetter);
  const { traceparent, ...rest } = carrier;
  return traceparent === undefined ? null : { ...rest, traceparent };
}

/** Messages of errors stay behind: a driver's may hold row values. */
function failed(span: Span, type: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', type);
}

/** Tells that spans could not be sent, once a minute at most. */
function telling(exporter: SpanExporter, tell: () => void): SpanExporter {
  let told = -Infinity;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== ExportResultCode.SUCCESS && performance.now() - told > silenceMs) {
          told = performance.now();
          tell();
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}

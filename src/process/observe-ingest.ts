import type { Logger } from 'pino';
import type { FeedRecord } from '../ingest/change-feed.ts';
import type { BroughtEvent, IngestObserver } from '../ingest/observer.ts';
import type { Metrics } from '../observability/metrics.ts';
import { tableLabel } from '../observability/names.ts';
import type { RecordsInHand } from '../observability/records-in-hand.ts';
import { eventAttributes } from '../observability/tracing.ts';
import type { SpanOptions, Tracing } from '../observability/tracing.ts';
import type { Trouble, Troubles } from '../observability/troubles.ts';
import type { TraceCarrier } from '../temporal/trace-carrier.ts';

const place = ({ topic, partition, offset }: FeedRecord) => ({ topic, partition, offset });
const recordKey = ({ topic, partition, offset }: FeedRecord) => `${topic}/${partition}/${offset}`;

/** A TRUNCATE lasts as a trouble until the process ends: nobody tells when the other side's rows are gone too. */
const truncation = (table: string): Trouble => ({
  kind: 'table_truncated',
  name: table,
  severity: 'warn',
  message: 'was truncated, which is not applied: the other side still has the rows',
  repair: 'delete the rows on the other side, where they shall go; then restart this process',
});

interface Told {
  metrics: Metrics;
  tracing: Tracing;
  inHand: RecordsInHand;
  troubles: Troubles;
}

/** Metrics, spans, troubles and log lines of one side's ingest. */
export function observeIngest(
  { metrics, tracing, inHand, troubles }: Told,
  { pipeline, side }: { pipeline: string; side: string },
  log: Logger,
): IngestObserver {
  const truncated = new Set<string>();
  /** By record: its table, and when it was read. */
  const taken = new Map<string, { table: string; at: number }>();
  return {
    batchRead: (records) => metrics.read(records),
    taken(record, { side, name }, event) {
      const table = tableLabel({ side, name });
      const committed = Date.parse(event.timestamp);
      inHand.taken(recordKey(record), table, committed);
      taken.set(recordKey(record), { table, at: performance.now() });
      metrics.stepped({ table, step: 'capture', seconds: Math.max(0, Date.now() - committed) / 1000 });
    },
    async during(records, event, work) {
      const done = await tracing.during(ingestSpan(records, event), work);
      for (const record of records) {
        const { table, at } = taken.get(recordKey(record)) ?? {};
        if (table === undefined || at === undefined) continue;
        metrics.stepped({ table, step: 'ingest', seconds: (performance.now() - at) / 1000 });
      }
      return done;
    },
    released(record) {
      inHand.done(recordKey(record));
      taken.delete(recordKey(record));
    },
    started(event, repeated) {
      if (repeated)
        log.warn(
          { event_id: event.event_id, entity_type: event.entity_type, source: event.source },
          'delivered again',
        );
    },
    echoDropped(layer, table, record) {
      metrics.echoed({ table: tableLabel(table), layer });
      log.debug({ ...place(record), layer }, 'echo dropped');
    },
    truncated(table, record) {
      const name = tableLabel(table);
      log.warn({ ...place(record), table: name, operation: 'TRUNCATE' }, 'not applied');
      truncated.add(name);
      troubles.report(`truncates ${pipeline}/${side}`, [...truncated].map(truncation));
    },
    skipped(reason, record) {
      log.debug({ ...place(record), reason }, 'record skipped');
    },
    deadRecord(record, errorClass, message) {
      const { table = `${side}.unknown` } = taken.get(recordKey(record)) ?? {};
      metrics.deadLetterRaised({ table, errorType: errorClass });
      log.error({ ...place(record), error_class: errorClass, error: message }, 'dead letter');
    },
    startDelayed(workflowId, attempt, code) {
      log.warn({ workflow_id: workflowId, attempt, error_code: code }, 'Temporal does not take a start yet');
    },
    paused(paused, inFlight) {
      log.warn(
        { paused, in_flight: inFlight },
        paused ? 'too much in flight: reading pauses' : 'reading goes on',
      );
    },
    crowded(crowded, waiting) {
      log.warn(
        { paused: crowded, waiting },
        crowded ? 'too many events wait for other rows: children are not read' : 'children are read again',
      );
    },
    topicsPaused(topics) {
      log.warn({ topics }, topics.length > 0 ? 'paused topics are not read' : 'every topic is read');
    },
    // Over all feeds of the process, not only the one that tells.
    lag: () => metrics.ingestLag(inHand.records()),
  };
}

/** It goes on with the trace that its record carries; one of many records only refers to theirs. */
function ingestSpan(records: readonly FeedRecord[], event: BroughtEvent): SpanOptions {
  const [first, ...others] = records;
  const carriers = records.flatMap((record) => carrierOf(record) ?? []);
  const { event_id: eventId, entity_type: entity, operation = null, source: side } = event;
  const one = others.length === 0;
  return {
    name: 'ingest',
    kind: 'consumer',
    begins: true,
    parent: (one && carriers[0]) || null,
    ...(!one && { links: carriers }),
    attributes: {
      'messaging.destination.name': first!.topic,
      'messaging.destination.partition.id': String(first!.partition),
      ...(one
        ? { 'messaging.message.id': first!.offset, ...eventAttributes({ eventId, entity, operation, side }) }
        : { 'messaging.batch.message_count': records.length, 'tandem.entity': entity, 'tandem.side': side }),
    },
  };
}

const carrierOf = ({ headers: { traceparent, tracestate } }: FeedRecord): TraceCarrier | null =>
  traceparent === undefined ? null : { traceparent, ...(tracestate !== undefined && { tracestate }) };

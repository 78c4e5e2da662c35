import type { Logger } from 'pino';
import type { FeedRecord } from '../ingest/change-feed.ts';
import type { IngestObserver } from '../ingest/observer.ts';
import type { Metrics } from '../observability/metrics.ts';
import { tableLabel } from '../observability/names.ts';
import type { RecordsInHand } from '../observability/records-in-hand.ts';
import type { Trouble, Troubles } from '../observability/troubles.ts';

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

/** Metrics, troubles and log lines of one side's ingest. */
export function observeIngest(
  { metrics, inHand, troubles }: { metrics: Metrics; inHand: RecordsInHand; troubles: Troubles },
  side: string,
  log: Logger,
): IngestObserver {
  const truncated = new Set<string>();
  return {
    batchRead: (records) => metrics.read(records),
    taken(record, table, event) {
      inHand.taken(recordKey(record), tableLabel(table), Date.parse(event.timestamp));
    },
    released(record) {
      inHand.done(recordKey(record));
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
      troubles.report(`truncates ${side}`, [...truncated].map(truncation));
    },
    skipped(reason, record) {
      log.debug({ ...place(record), reason }, 'record skipped');
    },
    deadRecord(record, errorClass, message) {
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

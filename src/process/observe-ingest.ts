import type { Logger } from 'pino';
import type { FeedRecord } from '../ingest/change-feed.ts';
import type { IngestObserver } from '../ingest/observer.ts';
import type { Metrics } from '../observability/metrics.ts';
import { tableLabel } from '../observability/names.ts';
import type { RecordsInHand } from '../observability/records-in-hand.ts';

const place = ({ topic, partition, offset }: FeedRecord) => ({ topic, partition, offset });
const recordKey = ({ topic, partition, offset }: FeedRecord) => `${topic}/${partition}/${offset}`;

/** Metrics and log lines of one side's ingest. */
export function observeIngest(metrics: Metrics, inHand: RecordsInHand, log: Logger): IngestObserver {
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
    skipped(reason, record, detail) {
      if (reason === 'truncate') log.warn({ ...place(record), reason, error: detail }, 'not applied');
      else log.debug({ ...place(record), reason }, 'record skipped');
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
    // Over all feeds of the process, not only the one that tells.
    lag: () => metrics.ingestLag(inHand.records()),
  };
}

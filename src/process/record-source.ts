import type { Kafka } from 'kafkajs';
import type { RecordSource } from '../activities/deps.ts';
import { SyncError } from '../errors/sync-error.ts';
import { intake } from '../ingest/intake.ts';
import { readRecord } from '../ingest/kafka/read-record.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';

/** Records read again from Kafka and parsed as ingest does now. */
export function kafkaRecordSource(kafka: Kafka, pipeline: CompiledPipeline): RecordSource {
  return {
    async readRecord(reference, eventId) {
      const record = await readRecord(kafka, reference);
      for (const side of pipeline.sides.keys()) {
        const read = intake(pipeline, side, record);
        const captured = read.kind === 'captured' ? read.captured : [];
        const found = captured.find(({ event }) => event.event_id === eventId);
        if (found) return found.event;
      }
      throw new SyncError(
        'data',
        `record ${reference.offset} of ${reference.topic} no longer gives this event`,
      );
    },
    parseRecord(dead) {
      const { reference, key, raw, headers } = dead;
      const record = {
        ...reference,
        key: key === null ? null : Buffer.from(key, 'base64'),
        value: raw === null ? null : Buffer.from(raw, 'base64'),
        headers,
        timestamp: 0,
      };
      const read = intake(pipeline, dead.side, record);
      if (read.kind === 'dead') throw read.error;
      if (read.kind === 'skip') return Promise.resolve([]);
      return Promise.resolve(read.captured.map(({ event }) => ({ kind: 'event' as const, event })));
    },
  };
}

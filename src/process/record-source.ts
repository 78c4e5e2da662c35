import type { Kafka } from 'kafkajs';
import type { RecordSource } from '../activities/deps.ts';
import type { ChangeEvent } from '../change/event.ts';
import { SyncError } from '../errors/sync-error.ts';
import { heldRecord } from '../ingest/dead-record.ts';
import { intake } from '../ingest/intake.ts';
import { readRecord } from '../ingest/kafka/read-record.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { RecordReference, SyncSubject } from '../temporal/messages.ts';
import { fitsTemporal } from '../temporal/payload-codec.ts';

/** Records a dead letter holds, or that are read again from Kafka, parsed as ingest does now. */
export function recordSource(kafka: Kafka, pipeline: CompiledPipeline): RecordSource {
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
    async parseRecord(dead) {
      const held = heldRecord(dead);
      const read = intake(pipeline, dead.side, held ?? (await readRecord(kafka, dead.reference)));
      if (read.kind === 'dead') throw read.error;
      if (read.kind === 'skip' || read.kind === 'truncated') return [];
      if (read.kind === 'hinted') {
        const timestamp = new Date().toISOString();
        return read.hinted.map(({ hint }) => ({ kind: 'hint', ...hint, timestamp }));
      }
      return Promise.all(read.captured.map(({ event }) => subjectOf(event, held ? null : dead.reference)));
    },
  };
}

/** The event itself, or where it lies when it is too large for Temporal. Throws `data` where it lies nowhere. */
async function subjectOf(event: ChangeEvent, reference: RecordReference | null): Promise<SyncSubject> {
  const subject: SyncSubject = { kind: 'event', event };
  if (await fitsTemporal(subject)) return subject;
  if (reference === null)
    throw new SyncError('data', 'the event is larger than Temporal holds', { code: 'too_large' });
  const { event_id: eventId, entity_type: entity, source: side } = event;
  return { kind: 'reference', eventId, entity, side, reference };
}

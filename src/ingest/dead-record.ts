import { recordId } from '../change/event-id.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { RetryLimits } from '../errors/policy.ts';
import { framesOf } from '../errors/frames.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Failure } from '../temporal/failures.ts';
import type { DeadLetterInput, DeadChange, RecordReference } from '../temporal/messages.ts';
import type { FeedRecord } from './change-feed.ts';

const heldKeyBytes = 16 * 1024;

export interface DeadRecordContext {
  pipeline: string;
  side: string;
  limits: RetryLimits;
  /** When the feed may drop the record, ISO 8601; null where it never does, or does not tell. */
  expires: string | null;
  /** Bytes of a record's value that a dead letter holds itself; a larger one is only referred to. */
  heldValueBytes: number;
}

/** The dead letter of a record no event can be made of: its raw bytes, or where it lies when they are too many. */
export function deadRecord(record: FeedRecord, error: unknown, context: DeadRecordContext): DeadLetterInput {
  const { topic, partition, offset, key, value } = record;
  return deadLetter(context, error, {
    kind: 'record',
    eventId: recordId(context.pipeline, topic, partition, offset),
    side: context.side,
    reference: referenceTo(record, context.expires),
    key: key === null || key.length > heldKeyBytes ? null : key.toString(),
    raw: value === null || value.length > context.heldValueBytes ? null : value.toString('base64'),
    headers: record.headers,
  });
}

/** The record a dead letter holds itself; null where it only refers to it. */
export function heldRecord(
  dead: Extract<DeadChange, { kind: 'record' }>,
): Pick<FeedRecord, 'key' | 'value' | 'headers' | 'offset'> | null {
  const { key, raw, headers, reference } = dead;
  if (raw === null) return null;
  return {
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from(raw, 'base64'),
    headers: headers ?? {},
    offset: reference.offset,
  };
}

/** The dead letter of an event that Temporal cannot hold; its retry reads the record again. */
export function deadEvent(
  record: FeedRecord,
  event: ChangeEvent,
  error: unknown,
  context: DeadRecordContext,
): DeadLetterInput {
  return deadLetter(context, error, {
    kind: 'reference',
    eventId: event.event_id,
    entity: event.entity_type,
    side: context.side,
    reference: referenceTo(record, context.expires),
  });
}

function deadLetter(context: DeadRecordContext, error: unknown, subject: DeadChange): DeadLetterInput {
  return { pipeline: context.pipeline, subject, failure: failureOf(error), limits: context.limits };
}

const referenceTo = ({ topic, partition, offset }: FeedRecord, expires: string | null): RecordReference => ({
  topic,
  partition,
  offset,
  expires,
});

/** Only a `SyncError` vouches for its message: a parser's own (`JSON.parse`) quotes what it read. */
function failureOf(error: unknown): Failure {
  const known = error instanceof SyncError ? error : null;
  const name = error instanceof Error ? error.name : typeof error;
  const errorClass = known?.errorClass ?? 'bug';
  return {
    errorClass,
    message: known?.message ?? `reading the record failed with an unexpected ${name}`,
    stack: framesOf(error),
    signature: [errorClass, 'ingest', known?.code ?? known?.column ?? name].join('/'),
    retryCount: 0,
    failedAt: new Date().toISOString(),
  };
}

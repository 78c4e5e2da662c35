import { z } from 'zod';
import { changeEvent } from '../change/event.ts';
import { upcast } from '../change/upcast.ts';
import { errorClasses } from '../errors/error-class.ts';
import type { RetryLimits } from '../errors/policy.ts';
import type { Failure } from './failures.ts';
import type { DeadSubject } from './messages.ts';
import type { Resolution } from './resolution.ts';
import { subjectFacts } from './subject.ts';

/** A message of the dead-letter topic, by the event's id: what happened to one event stays in order. */
export interface DeadLetterMessage {
  key: string;
  value: string;
  headers: Record<string, string>;
}

/** Header of a record: what raising its dead letter anew needs beside the seeds' five fields, JSON. */
export const recordHeader = 'tandem-dead-letter';

const rowName = z.object({ entity: z.string(), side: z.string(), key: z.string() });

const header = z.object({
  pipeline: z.string(),
  kind: z.enum(['event', 'reference', 'hint', 'record', 'conflict']),
  error_class: z.enum(errorClasses),
  signature: z.string(),
  /** Absent for a conflict. */
  limits: z.object({ maxRetries: z.int(), waitingDeadlineMs: z.int() }).exactOptional(),
  edited: z.literal(true).exactOptional(),
  applied: z.literal(true).exactOptional(),
  rows: z.array(rowName).exactOptional(),
});

/** The seeds' shape. */
const failed = z.object({
  original_event: z.unknown(),
  error_message: z.string(),
  stack_trace: z.string(),
  retry_count: z.int(),
  failed_at: z.iso.datetime(),
});

const resolution = z.object({
  resolution: z.enum(['applied', 'edited', 'discarded', 'decided']),
  event_id: z.string(),
  failed_at: z.iso.datetime(),
});

const reference = z.object({
  topic: z.string(),
  partition: z.int(),
  offset: z.string(),
  expires: z.string().nullable(),
});
const row = z.record(z.string(), z.union([z.string(), z.boolean(), z.null()]));
const version = z.object({
  side: z.string(),
  key: z.string(),
  clock: z.string(),
  row: row.nullable().exactOptional(),
});
const ofRow = { eventId: z.string(), entity: z.string(), side: z.string() };

const subjects = {
  event: z
    .looseObject({ event_version: z.string() })
    .transform((event): z.input<typeof changeEvent> => upcast(event))
    .pipe(changeEvent)
    .transform((event) => ({ kind: 'event' as const, event })),
  reference: z.object({ kind: z.literal('reference'), ...ofRow, reference }),
  hint: z.object({ kind: z.literal('hint'), ...ofRow, key: z.string(), timestamp: z.string() }),
  record: z.object({
    kind: z.literal('record'),
    eventId: z.string(),
    side: z.string(),
    reference,
    key: z.string().nullable(),
    raw: z.base64().nullable(),
    headers: z.record(z.string(), z.string()).exactOptional(),
  }),
  conflict: z.object({
    kind: z.literal('conflict'),
    eventId: z.string(),
    entity: z.string(),
    versions: z.tuple([version, version]),
  }),
} satisfies Record<DeadSubject['kind'], z.ZodType<DeadSubject>>;

export interface DeadLetterRecord {
  pipeline: string;
  subject: DeadSubject;
  failure: Failure;
  limits?: RetryLimits;
}

/** What a message of the topic tells: a dead letter, or that one is closed (`resolution` stands in its value). */
export type ToldDeadLetter =
  { kind: 'record'; record: DeadLetterRecord } | { kind: 'resolution'; eventId: string; failedAt: string };

/** The value is of the seeds' shape. What stands for the event where there is none to show is the subject itself. */
export function recordMessage({ pipeline, subject, failure, limits }: DeadLetterRecord): DeadLetterMessage {
  const { errorClass, message, stack, signature, retryCount, failedAt, rows, applied } = failure;
  return {
    key: subjectFacts(subject).eventId,
    value: JSON.stringify({
      original_event: subject.kind === 'event' ? subject.event : subject,
      error_message: message,
      stack_trace: stack,
      retry_count: retryCount,
      failed_at: failedAt,
    }),
    headers: {
      [recordHeader]: JSON.stringify({
        pipeline,
        kind: subject.kind,
        error_class: errorClass,
        signature,
        limits,
        ...(subject.kind === 'event' && { edited: subject.edited }),
        applied,
        rows,
      }),
    },
  };
}

export function resolutionMessage(pipeline: string, closed: Resolution): DeadLetterMessage {
  const { how, eventId, entity, outcome, reason, by, at, failedAt } = closed;
  return {
    key: eventId,
    value: JSON.stringify({
      resolution: how,
      event_id: eventId,
      pipeline,
      entity_type: entity,
      outcome,
      reason,
      resolved_by: by,
      resolved_at: at,
      failed_at: failedAt,
    }),
    headers: {},
  };
}

/** Reads a message back. Throws an error that says what of it is wrong, without a value of it. */
export function readDeadLetterMessage({
  value,
  headers,
}: {
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
}): ToldDeadLetter {
  const told = json('value', value?.toString());
  if (typeof told === 'object' && told !== null && 'resolution' in told) {
    const { event_id: eventId, failed_at: failedAt } = checked(resolution, told, 'value');
    return { kind: 'resolution', eventId, failedAt };
  }
  const { original_event: original, ...seeds } = checked(failed, told, 'value');
  if (headers[recordHeader] === undefined)
    throw new Error(`it has no header ${recordHeader}: an earlier version wrote it, or another program`);
  const of = checked(header, json(`header ${recordHeader}`, headers[recordHeader]), `header ${recordHeader}`);
  const subject: DeadSubject = checked<DeadSubject>(subjects[of.kind], original, 'original_event');
  const record: DeadLetterRecord = {
    pipeline: of.pipeline,
    subject: subject.kind === 'event' && of.edited ? { ...subject, edited: true } : subject,
    failure: {
      errorClass: of.error_class,
      message: seeds.error_message,
      stack: seeds.stack_trace,
      signature: of.signature,
      retryCount: seeds.retry_count,
      failedAt: seeds.failed_at,
      ...(of.applied && { applied: true }),
      ...(of.rows && { rows: of.rows }),
    },
    ...(of.limits && { limits: of.limits }),
  };
  return { kind: 'record', record };
}

function json(what: string, text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    // JSON.parse quotes what it read
    throw new Error(`its ${what} is not JSON`);
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const path = issue?.path.length ? `, ${issue.path.join('.')}` : '';
  throw new Error(`its ${what} does not fit${path}: ${issue?.message}`);
}

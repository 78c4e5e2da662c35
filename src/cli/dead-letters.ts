import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { RetryLimits } from '../errors/policy.ts';
import type { SeenRow } from '../temporal/dead-row.ts';
import type { Failure } from '../temporal/failures.ts';
import type { DeadLetterInput, DeadLetterStatus, DeadSubject } from '../temporal/messages.ts';
import type { ConflictInput } from '../temporal/row-conflict.ts';
import { deadLetterId, queryNames, updateNames } from '../temporal/names.ts';
import type { SearchAttribute } from '../temporal/names.ts';
import { deadLetterQuery } from '../temporal/dead-letter-filter.ts';
import type { DeadLetterFilter } from '../temporal/dead-letter-filter.ts';

/** An open dead letter, as visibility knows it. */
export interface OpenDeadLetter {
  event_id: string;
  pipeline: string | null;
  entity: string | null;
  operation: string | null;
  side: string | null;
  error_class: string | null;
  signature: string | null;
  /** ISO 8601. */
  opened_at: string;
}

/** A dead letter with the event it holds; `status` is null where no worker answers. */
export interface DeadLetterView {
  pipeline: string;
  /** Of a conflict: the versions as they stand. */
  subject: DeadSubject;
  failure: Failure;
  status: DeadLetterStatus | null;
  /** Of its retries; null for a conflict. */
  limits: RetryLimits | null;
}

const prefix = deadLetterId('');
const answerMs = 10_000;

/** Accepts an event id and a dead letter's workflow id alike. */
export const eventIdOf = (id: string): string => (id.startsWith(prefix) ? id.slice(prefix.length) : id);

/** Open dead letters, newest first. Visibility may run a second behind. */
export async function listDeadLetters(client: Client, filter: DeadLetterFilter): Promise<OpenDeadLetter[]> {
  const found: OpenDeadLetter[] = [];
  for await (const execution of client.workflow.list({ query: deadLetterQuery(filter) }))
    found.push(openDeadLetter(execution));
  return found;
}

function openDeadLetter({
  workflowId,
  startTime,
  typedSearchAttributes,
}: WorkflowExecutionInfo): OpenDeadLetter {
  const of = (name: SearchAttribute) => typedSearchAttributes.get({ name, type: 'KEYWORD' }) ?? null;
  return {
    event_id: eventIdOf(workflowId),
    pipeline: of('TandemPipeline'),
    entity: of('TandemEntity'),
    operation: of('TandemOperation'),
    side: of('TandemSide'),
    error_class: of('TandemErrorClass'),
    signature: of('TandemErrorSignature'),
    opened_at: startTime.toISOString(),
  };
}

/** Throws where there is no dead letter of the event. */
export async function readDeadLetter(client: Client, eventId: string): Promise<DeadLetterView> {
  const handle = client.workflow.getHandle(deadLetterId(eventId));
  const { events } = await found(eventId, () => handle.fetchHistory());
  const payloads = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const [input] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
  const status = await answered(client, () => handle.query<DeadLetterStatus>(queryNames.status));
  const {
    pipeline,
    subject,
    failure,
    limits = null,
  } = input as DeadLetterInput | (ConflictInput & { limits?: null });
  return {
    pipeline,
    subject: status?.conflict ?? subject,
    failure: status ? { ...failure, ...status.failure } : failure,
    status,
    limits,
  };
}

/** The row a dead letter is about, as it is now, or was when one that is closed was open; null where nobody tells. */
export async function readDeadRow(client: Client, eventId: string): Promise<SeenRow | null> {
  const handle = client.workflow.getHandle(deadLetterId(eventId));
  return (
    (await answered(client, () => handle.executeUpdate<SeenRow | null, []>(updateNames.look))) ??
    answered(client, () => handle.query<SeenRow | null>(queryNames.row))
  );
}

const answered = <T>(client: Client, ask: () => Promise<T>): Promise<T | null> =>
  client.connection.withDeadline(Date.now() + answerMs, ask).catch(() => null);

/** Says where there is none in terms of the event. */
export async function found<T>(eventId: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new Error(
      `there is no open dead letter of event ${eventId}: 'tandem dlq list' shows those there are, 'tandem trace --event ${eventId}' what became of it`,
      { cause: error },
    );
  }
}

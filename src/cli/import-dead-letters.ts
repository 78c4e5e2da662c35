import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowIdConflictPolicy } from '@temporalio/common';
import type { Kafka } from 'kafkajs';
import pLimit from 'p-limit';
import type { RetryLimits } from '../errors/policy.ts';
import { readTopic } from '../ingest/kafka/read-topic.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { deadLetterId, workflowTypes } from '../temporal/names.ts';
import { OpenOnTopic } from '../temporal/open-on-topic.ts';
import type { UnresolvedLetter } from '../temporal/open-on-topic.ts';
import { openedMessage } from '../temporal/sealed.ts';
import { conflictStartOptions } from '../temporal/start-conflict.ts';
import { deadLetterStartOptions } from '../temporal/start-dead-letter.ts';
import { subjectFacts, subjectTitle } from '../temporal/subject.ts';
import { askLedgers } from './ledgers.ts';

/** What an import came to, or (`dry_run`) would. */
export interface Imported {
  topic: string;
  dry_run: boolean;
  /** Messages read. */
  read: number;
  /** Dead letters that the topic tells as closed. */
  resolved: number;
  /** Of pipelines that were not asked for, or are not configured. */
  other: number;
  /** Whose event has its outcome in the target's ledger. */
  known: number;
  /** That Temporal has: open, or closed since. */
  held: number;
  raised: { event_id: string; pipeline: string; title: string; signature: string }[];
  /** Messages that cannot be read; nothing of their values. */
  errors: { partition: number; offset: string; error: string }[];
}

export interface ImportOptions {
  topic: string;
  /** Milliseconds since the epoch; null: all that the topic holds. */
  since: number | null;
  /** Whose dead letters are raised. */
  pipelines: readonly CompiledPipeline[];
  /** For records that tell none. */
  limits: RetryLimits;
  dryRun: boolean;
  progress: (what: 'read' | 'raised', done: number, all: number) => void;
}

const atATime = 10;

/**
 * Raises the dead letters that the topic holds and nobody knows the end of: no resolution on the topic, no outcome in the
 * ledger, no workflow in Temporal. Doing it again raises none twice. They are neither published nor alerted anew.
 */
export async function importDeadLetters(
  client: Client,
  kafka: Kafka,
  { topic, since, pipelines, limits, dryRun, progress }: ImportOptions,
): Promise<Imported> {
  const onTopic = new OpenOnTopic();
  const errors: Imported['errors'] = [];
  let read = 0;
  await readTopic(kafka, {
    topic,
    since,
    each: async (record) => {
      read++;
      try {
        onTopic.add(await openedMessage(client.options.loadedDataConverter, record));
      } catch (error) {
        const { partition, offset } = record;
        errors.push({ partition, offset, error: (error as Error).message });
      }
    },
    progress: (done, all) => progress('read', done, all),
  });
  const wanted = onTopic.unresolved.flatMap((letter) => {
    const pipeline = pipelines.find(({ name }) => name === letter.pipeline);
    return pipeline ? [{ letter, pipeline }] : [];
  });
  const known = await outcomesOf(wanted);
  const left = wanted.flatMap(({ letter }) => (known.has(letter) ? [] : [letter]));
  const limit = pLimit(atATime);
  let done = 0;
  const came = await Promise.all(
    left.map((letter) =>
      limit(async () => {
        const raised = !(await isHeld(client, letter)) && (dryRun || (await raise(client, letter, limits)));
        progress('raised', ++done, left.length);
        return raised;
      }),
    ),
  );
  const raised = left.filter((_, index) => came[index]);
  return {
    topic,
    dry_run: dryRun,
    read,
    resolved: onTopic.resolved,
    other: onTopic.unresolved.length - wanted.length,
    known: known.size,
    held: left.length - raised.length,
    raised: raised.map(({ pipeline, subject, failure: { signature } }) => ({
      event_id: subjectFacts(subject).eventId,
      pipeline,
      title: subjectTitle(subject, null),
      signature,
    })),
    errors,
  };
}

/** Those whose event is settled by the ledger of its target. Of one whose effects failed the ledger does not know the end. */
async function outcomesOf(
  letters: readonly { letter: UnresolvedLetter; pipeline: CompiledPipeline }[],
): Promise<ReadonlySet<UnresolvedLetter>> {
  const byLedger = new Map<string, { pipeline: string; side: string; letters: UnresolvedLetter[] }>();
  for (const { letter, pipeline } of letters) {
    const { entity, source } = subjectFacts(letter.subject);
    const side = pipeline.route(entity ?? '', source)?.target.side;
    if (side === undefined || letter.subject.kind === 'conflict' || letter.failure.applied) continue;
    const of = `${pipeline.name}/${side}`;
    if (!byLedger.has(of)) byLedger.set(of, { pipeline: pipeline.name, side, letters: [] });
    byLedger.get(of)!.letters.push(letter);
  }
  const known = new Set<UnresolvedLetter>();
  for (const { letters, ...of } of byLedger.values())
    await askLedgers(of, async (ledger) => {
      for (const letter of letters)
        if (await ledger.findProcessed(subjectFacts(letter.subject).eventId)) known.add(letter);
    });
  return known;
}

/** Whether Temporal has the dead letter: open, or closed after this failure. One that was terminated is gone. */
async function isHeld(client: Client, { subject, failure }: UnresolvedLetter): Promise<boolean> {
  try {
    const { eventId } = subjectFacts(subject);
    const { status, closeTime } = await client.workflow.getHandle(deadLetterId(eventId)).describe();
    if (status.name === 'COMPLETED') return (closeTime ?? new Date()).toISOString() >= failure.failedAt;
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** False: somebody else has raised it, or decided it, meanwhile. */
async function raise(client: Client, letter: UnresolvedLetter, limits: RetryLimits): Promise<boolean> {
  const { signal: _name, signalArgs: _args, ...options } = startOptions(letter, limits);
  try {
    await client.workflow.start(workflowTypes.deadLetter, {
      ...options,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** As one that goes on, so that the topic and the operators are not told again. */
function startOptions({ subject, openedAt, limits, ...of }: UnresolvedLetter, others: RetryLimits) {
  if (subject.kind === 'conflict') return conflictStartOptions({ ...of, subject, openedAt });
  return deadLetterStartOptions({
    ...of,
    subject,
    limits: limits ?? others,
    continued: { state: 'open', retries: 0, openedAt },
  });
}

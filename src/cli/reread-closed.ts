import type { Client } from '@temporalio/client';
import { readId } from '../change/event-id.ts';
import type { ApplyResult } from '../change/outcome.ts';
import { refuseRereadOf } from '../temporal/dead-letter-decisions.ts';
import type { SyncSubject } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { syncStartOptions } from '../temporal/start-sync.ts';
import { subjectFacts } from '../temporal/subject.ts';
import { readDeadLetter } from './dead-letters.ts';
import { pipelineNamed } from './named-pipeline.ts';

/** A row that is read under an id of its own, since that of the event is used up. */
export interface Reread {
  eventId: string;
  result: Promise<ApplyResult>;
}

/**
 * Brings the row of an event whose dead letter is closed as its source has it now. Throws where there is no such dead
 * letter, or where it does not tell the row.
 */
export async function rereadClosed(client: Client, eventId: string): Promise<Reread> {
  const { pipeline, subject, limits } = await readDeadLetter(client, eventId);
  if (subject.kind === 'event') refuseRereadOf(subject.event);
  const { entity, source: side, key } = subjectFacts(subject);
  if (entity === null || key === null || limits === null)
    throw new Error(`the dead letter of event ${eventId} is closed and does not tell which row to read`);
  const route = (await pipelineNamed(pipeline)).route(entity, side);
  if (!route) throw new Error(`pipeline ${pipeline} does not bring ${entity} on from ${side}`);
  const timestamp = new Date().toISOString();
  const id = readId({ pipeline, entity, side, key }, `${eventId} ${timestamp}`);
  const hint: SyncSubject = { kind: 'hint', eventId: id, entity, side, key, timestamp };
  const input = { pipeline, subject: hint, limits, retried: false };
  const handle = await client.workflow.start(
    workflowTypes.syncChange,
    syncStartOptions(input, route.target.side),
  );
  return { eventId: id, result: handle.result() as Promise<ApplyResult> };
}

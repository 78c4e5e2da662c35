import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import { readWorkflowInput } from '../activities/read-workflow-input.ts';
import type { DeadSubject } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { subjectFacts } from '../temporal/subject.ts';
import { quoted } from '../temporal/dead-letter-filter.ts';
import { eventIdOf } from './dead-letters.ts';
import type { RowKey } from './row-trace.ts';
import type { Unreadable } from './unreadable.ts';

/** Workflows of each kind that are looked at. */
const most = 1000;
const atOnce = 20;

/**
 * Events of a row that no ledger has an outcome of, perhaps: those under way, and those with a dead letter. No search
 * attribute holds a key, so the workflows of the whole entity are read.
 */
export async function eventsOfRow(
  client: Client,
  { pipeline, entity }: { pipeline: string; entity: string },
  keys: readonly RowKey[],
  unreadable: Unreadable,
): Promise<{ eventIds: string[]; leftOut: string[] }> {
  const limit = pLimit(atOnce);
  const looks: Promise<string | null>[] = [];
  const leftOut: string[] = [];
  const look = async (what: string, condition: string) => {
    const query = `TandemPipeline = ${quoted(pipeline)} AND TandemEntity = ${quoted(entity)} AND ${condition}`;
    let seen = 0;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      if (++seen > most) {
        leftOut.push(`only ${most} ${what} of ${entity} were looked at`);
        break;
      }
      looks.push(
        limit(async () => {
          const reading = readWorkflowInput(client, { workflowId, runId });
          const input = (await unreadable.unless(workflowId, reading)) as Started | null;
          return input !== null && isOfRow(input.subject, keys) ? eventIdOf(workflowId) : null;
        }),
      );
    }
  };
  await look('dead letters', `WorkflowType = '${workflowTypes.deadLetter}'`);
  await look(
    'events under way',
    `WorkflowType = '${workflowTypes.syncChange}' AND ExecutionStatus = 'Running'`,
  );
  const eventIds = (await Promise.all(looks)).filter((id) => id !== null);
  return { eventIds: [...new Set(eventIds)], leftOut };
}

interface Started {
  subject: DeadSubject;
}

/** Whether a change, or a conflict, is of the row: by its key, or the one it had before. */
export function isOfRow(subject: DeadSubject, keys: readonly RowKey[]): boolean {
  const has = (side: string, key: string | null | undefined) =>
    keys.some((each) => each.side === side && each.key === key);
  if (subject.kind === 'conflict') return subject.versions.some(({ side, key }) => has(side, key));
  const { source, key } = subjectFacts(subject);
  return has(source, key) || (subject.kind === 'event' && has(source, subject.event.previous_key));
}

import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { ApplyDeps } from '../apply/resolve-identity.ts';
import { identityKey } from '../apply/identity-key.ts';
import type { AwaitedRow } from '../errors/sync-error.ts';
import type { DeadLetterInput } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';

const steps = 5;
/** Open dead letters of an entity that are looked at for the awaited row's. */
const deadLetters = 20;

/**
 * What an event waits for, what that waits for in turn, a few steps long, and the dead letter it ends at, if any:
 * `posts → users on legacy → dead letter <event id> (data)`. No row values.
 */
export async function waitingChain(
  deps: ActivityDeps,
  { route, source, target }: ApplyDeps,
  awaits: AwaitedRow,
): Promise<string> {
  const chain = [route.entity];
  let awaited: AwaitedRow | null = awaits;
  for (let step = 0; awaited && step < steps; step++) {
    chain.push(`${awaited.entity} on ${awaited.side}`);
    const { entity, side, key }: AwaitedRow = awaited;
    const sourceKey =
      side === route.source.side ? key : await sourceKeyOf({ route, source, target }, awaited);
    if (sourceKey === null) break;
    const waiting = await target.findWaiting(identityKey(route, entity, sourceKey));
    if (!waiting) {
      // Only a help to whoever reads it: visibility that is away must not keep the dead letter from being raised.
      const dead = await deadLetterOf(deps, entity, route.source.side, sourceKey).catch(() => null);
      if (dead !== null) chain.push(dead);
    }
    awaited = waiting?.awaits ?? null;
  }
  return chain.join(' → ');
}

async function sourceKeyOf(
  { route, target }: ApplyDeps,
  { entity, key }: AwaitedRow,
): Promise<string | null> {
  const identity = await target.findIdentityByTarget({
    pipeline: route.pipeline,
    entity,
    sourceSide: route.source.side,
    targetSide: route.target.side,
    targetKey: key,
  });
  return identity?.sourceKey ?? null;
}

/** A row's key is in payloads only, so the dead letters themselves are asked; the newest few. */
async function deadLetterOf(
  { client, pipeline }: ActivityDeps,
  entity: string,
  side: string,
  key: string,
): Promise<string | null> {
  const query = [
    `WorkflowType = '${workflowTypes.deadLetter}'`,
    `ExecutionStatus = 'Running'`,
    `TandemPipeline = '${pipeline.name}'`,
    `TandemEntity = '${entity}'`,
    `TandemSide = '${side}'`,
  ].join(' AND ');
  let left = deadLetters;
  for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: deadLetters })) {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    });
    const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
    const [input] = (await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads)) as [
      DeadLetterInput | undefined,
    ];
    const { subject, failure } = input ?? {};
    const facts = subject && subjectFacts(subject);
    if (facts?.key === key) return `dead letter ${facts.eventId} (${failure?.errorClass})`;
    if (--left === 0) break;
  }
  return null;
}

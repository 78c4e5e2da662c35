import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { correctionId } from '../change/event-id.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult, Outcome } from '../change/outcome.ts';
import type { SyncSubject } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { syncStartOptions } from '../temporal/start-sync.ts';
import type { ActivityDeps } from './deps.ts';
import { applyDepsOf } from './route-of.ts';

/** After these the target does not hold what the event brought: its own version comes by itself. */
const kept: ReadonlySet<Outcome> = new Set(['stale', 'conflict_kept', 'discarded']);

/**
 * After a corrected event of a two-way entity was applied its source has to take the correction, too: the row is brought
 * back by a `syncChange` of its own, under an id that follows from the event's, so that it is started once.
 */
export async function bringBack(
  deps: ActivityDeps,
  { event_id: id, entity_type: entity, source }: ChangeEvent,
  { outcome, target_key: key }: ApplyResult,
): Promise<void> {
  const { route } = applyDepsOf(deps, entity, source);
  if (!route.twoWay || key === null || kept.has(outcome)) return;
  const subject: SyncSubject = {
    kind: 'hint',
    eventId: correctionId(id),
    entity,
    side: route.target.side,
    key,
    timestamp: new Date().toISOString(),
  };
  const input = { pipeline: deps.pipeline.name, subject, limits: deps.limits, retried: false };
  try {
    await deps.client.workflow.start(workflowTypes.syncChange, syncStartOptions(input, source));
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { ApplyResult } from '../change/outcome.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { DeadChange, DeadLetterActivities } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { deadLetterStartOptions } from '../temporal/start-dead-letter.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';
import { pauseHolding } from './hold.ts';
import { ledgerOutcome } from './ledger-outcome.ts';
import { routeOf } from './route-of.ts';

/** Where the ledger cannot be asked the dead letter is raised: one too many harms nothing, one too few loses a change. */
export function raiseDeadLetterActivity(deps: ActivityDeps): DeadLetterActivities['raiseDeadLetter'] {
  return async (raised) => {
    const { applied, holdable = false, failure, ...of } = raised;
    const input = { ...of, failure: applied ? { ...failure, applied } : failure };
    // Of an event whose effects failed the ledger knows the outcome, and that is not the end of it.
    const known = applied ? null : await knownOutcome(deps, input.subject);
    if (known) return known;
    const held = holdable ? await pauseHolding(deps, input) : null;
    if (held !== null) return { held };
    try {
      await deps.client.workflow.signalWithStart(workflowTypes.deadLetter, deadLetterStartOptions(input));
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return null;
    }
    const { eventId, entity, source } = subjectFacts(input.subject);
    deps.observer.deadLetterRaised(eventId, entity, source, input.failure.errorClass);
    return null;
  };
}

async function knownOutcome(deps: ActivityDeps, subject: DeadChange): Promise<ApplyResult | null> {
  if (subject.kind === 'record') return null;
  try {
    return await ledgerOutcome(routeOf(deps, subject).target, subjectFacts(subject).eventId);
  } catch (error) {
    if (error instanceof SyncError) return null;
    throw error;
  }
}

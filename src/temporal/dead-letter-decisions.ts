import type { DeadLetterStatus } from './messages.ts';
import type { RowConflict } from './row-conflict.ts';
import { sidesOf } from './subject.ts';

type State = DeadLetterStatus['state'];

/** Throws, with what to do instead, where a retry makes no sense. One while a retry runs is allowed: see `deadLetter`. */
export function refuseRetry(state: State, deciding: boolean): void {
  refuseClosed(state);
  if (deciding) throw new Error('a decision on this dead letter is being carried out: wait for its end');
}

/** Throws, with what to do instead, where a discard makes no sense or gives no reason. */
export function refuseDiscard(state: State, deciding: boolean, reason: unknown): void {
  refuseRetry(state, deciding);
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new Error('a discard needs a reason: say why the change may be lost');
  if (reason.length > 1000) throw new Error('the reason is longer than 1000 characters');
  if (state === 'retrying')
    throw new Error(
      'a retry is running: cancel the workflow with the event id, or wait for its end, then discard. If it was terminated, retry first',
    );
}

/** Throws, with what to do instead, where a choice between two versions of a row makes no sense. */
export function refuseDecide(conflict: RowConflict, state: State, deciding: boolean, take: unknown): void {
  if (state === 'resolved') throw new Error('the conflict is settled: there is nothing to decide');
  if (deciding) throw new Error('a decision on this conflict is being carried out: wait for its end');
  const sides = sidesOf(conflict);
  if (!sides.includes(String(take)))
    throw new Error(`name the side whose version is to stand: ${sides.join(' or ')}`);
}

/** Why neither a retry nor a discard is one for a conflict. */
export const decideInstead = (conflict: RowConflict): string =>
  `this is a conflict between two versions of a row: \`tandem dlq decide ${conflict.eventId} --take ${sidesOf(conflict).join('|')}\``;

function refuseClosed(state: State): void {
  if (state === 'resolved') throw new Error('the event has been applied: there is nothing to decide');
  if (state === 'discarded') throw new Error('the event was discarded: that cannot be undone');
}

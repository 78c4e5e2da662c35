import { ApplicationFailure } from '@temporalio/common';
import type { ChangeEvent } from '../change/event.ts';
import { notOpen } from './edit.ts';
import type { Edit, RetryRequest } from './edit.ts';
import type { DeadChange, DeadLetterStatus } from './messages.ts';
import type { RowConflict } from './row-conflict.ts';
import { sidesOf } from './subject.ts';

type State = DeadLetterStatus['state'];

/** Throws, with what to do instead, where a retry makes no sense. One while a retry runs is allowed: see `deadLetter`. */
export function refuseRetry(
  state: State,
  deciding: boolean,
  request: RetryRequest = {},
  subject?: DeadChange,
): void {
  if (request.onlyOpen) leaveUnlessOpen(state, deciding);
  refuseClosed(state);
  if (deciding) throw new Error('a decision on this dead letter is being carried out: wait for its end');
  if (request.reread && subject) refuseReread(state, subject);
}

/** Throws, with what to do instead, where an event cannot be corrected, or `edit` is none. Whether it fits is for the pipeline to say. */
export function refuseEdit(state: State, deciding: boolean, subject: DeadChange, edit: unknown): void {
  refuseRetry(state, deciding);
  refuseRetrying(state, 'edit');
  if (subject.kind !== 'event') throw new Error(uneditable[subject.kind]);
  if (subject.event.operation === 'DELETE')
    throw new Error('a DELETE carries no value that could be corrected: retry or discard it');
  const { columns, by = '' } = (isObject(edit) ? edit : {}) as Partial<Edit>;
  if (!isObject(columns) || Object.keys(columns).length === 0)
    throw new Error('name the columns to correct with their values: {"columns": {"COLUMN": "VALUE"}}');
  for (const [column, value] of Object.entries(columns))
    if (typeof value !== 'string' && typeof value !== 'boolean' && value !== null)
      throw new Error(`column ${column}: a value is text, true, false or null; a number is text, too`);
  if (typeof by !== 'string' || by.length > 200)
    throw new Error('the name of who edits is a text of at most 200 characters');
}

const uneditable: Record<Exclude<DeadChange['kind'], 'event'>, string> = {
  reference: 'the event is too large to be held here: correct the source row, then retry with reread',
  hint: 'it holds no values, the row is read when it is applied: correct the source row, then retry',
  record: 'the record could not be parsed, so it has no columns: discard it, or retry once it can be',
};

/** The row as it is now would not bring what these events are about. */
function refuseReread(state: State, subject: DeadChange): void {
  refuseRetrying(state, 'reread');
  if (subject.kind === 'record')
    throw new Error(
      'the record could not be parsed, so nobody knows which row to read: retry without reread',
    );
  if (subject.kind === 'event') refuseRereadOf(subject.event);
}

/** Throws where reading the event's row anew would lose what the event tells. */
export function refuseRereadOf({ operation, previous_key: previous }: ChangeEvent): void {
  if (operation === 'DELETE')
    throw new Error('the event is the end of its row, so there is none to read: retry without reread');
  if (previous !== undefined)
    throw new Error(
      'the event changes the key of its row, which the row does not tell: retry without reread',
    );
}

/** Throws, with what to do instead, where a discard makes no sense or gives no reason. */
export function refuseDiscard(state: State, deciding: boolean, reason: unknown): void {
  refuseRetry(state, deciding);
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new Error('a discard needs a reason: say why the change may be lost');
  if (reason.length > 1000) throw new Error('the reason is longer than 1000 characters');
  refuseRetrying(state, 'discard');
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

/** Of many that are to be retried a conflict is left alone. */
export function leaveConflict(conflict: RowConflict): never {
  throw ApplicationFailure.nonRetryable(decideInstead(conflict), notOpen);
}

function refuseRetrying(state: State, then: string): void {
  if (state === 'retrying')
    throw new Error(
      `a retry is running: cancel the workflow with the event id, or wait for its end, then ${then}. If it was terminated, retry first`,
    );
}

/** With a type of its own: of many it is left alone, as nothing is wrong with it. */
function leaveUnlessOpen(state: State, deciding: boolean): void {
  if (state === 'open' && !deciding) return;
  const why = state === 'open' || state === 'retrying' ? 'a retry is running' : `it is ${state}`;
  throw ApplicationFailure.nonRetryable(why, notOpen);
}

/** As far as somebody told it: an update from the Web UI may say anything, or nothing. */
export const nameOf = (by: unknown): string | null => (typeof by === 'string' ? by.slice(0, 200) : null);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refuseClosed(state: State): void {
  if (state === 'resolved') throw new Error('the event has been applied: there is nothing to decide');
  if (state === 'discarded') throw new Error('the event was discarded: that cannot be undone');
}

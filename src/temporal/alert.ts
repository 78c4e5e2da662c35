import type { DeadSubject } from './messages.ts';
import type { Failure } from './failures.ts';
import { pauseId, scopeName } from './pause.ts';
import type { PauseStatus } from './pause.ts';
import { whatToDo } from './pause-details.ts';
import { subjectFacts } from './subject.ts';

/** What operators are told of: the dead letters of one signature, or a pause that nobody asked for. No row value in it. */
export interface Alert {
  pipeline: string;
  about: 'dead_letters' | 'pause';
  /** Of dead letters their signature, of a pause its workflow id: what alerts are grouped by. */
  cause: string;
  /** The entity, or the side nobody could parse a record of; of a pause what is paused. */
  name: string;
  /** Error class, or why it is paused. */
  reason: string;
  /** What went wrong, as told last. */
  message: string;
  hint: string;
}

/** Input of `alert`; its `raised` signal carries an `Alert`. */
export interface AlertInput {
  alert: Alert;
  /** Time between two alerts of one cause, milliseconds. */
  intervalMs: number;
  /** Where an earlier run left off when its history had grown; absent at the start. */
  continued?: { more: number; quiet: boolean; waitMs: number };
}

/** What there is to tell of a cause. */
export interface News {
  alert: Alert;
  /** Raised since the last alert; 0: none is open any more. */
  more: number;
  /** Open now. */
  open: number;
}

export interface AlertActivities {
  /** Starts the alert of a cause, or lets it know of one more. At least once. */
  raiseAlert(input: { alert: Alert }): Promise<void>;
  /**
   * Tells operators what is new of a cause, in the log and by the webhook, or that nothing of it is open any more; says
   * nothing where neither is so. At least once. Returns what is open. Throws `unavailable` until the webhook has taken it.
   */
  tellAlert(input: { alert: Alert; more: number }): Promise<number>;
}

export function deadLetterAlert(
  pipeline: string,
  subject: DeadSubject,
  { signature, errorClass, message }: Failure,
  hint: string,
): Alert {
  const { entity, source } = subjectFacts(subject);
  return {
    pipeline,
    about: 'dead_letters',
    cause: signature,
    name: entity ?? `unparsable records from ${source}`,
    reason: errorClass,
    message,
    hint,
  };
}

export const pauseAlert = (status: PauseStatus): Alert => ({
  pipeline: status.pipeline,
  about: 'pause',
  cause: pauseId(status),
  name: scopeName(status.pipeline, status.scope),
  reason: status.reason,
  message: status.text,
  hint: whatToDo[status.reason],
});

/** One line: `blog: 12 more dead letters of users (constraint), 37 open`. */
export function alertTitle({ alert, more, open }: News): string {
  const { pipeline, about, name, reason } = alert;
  if (about === 'pause') return `${name} ${more > 0 ? 'is' : 'is no longer'} paused (${reason})`;
  const of = `of ${name} (${reason})`;
  if (more === 0) return `${pipeline}: no dead letter ${of} is open any more`;
  const letters = more === 1 ? 'dead letter' : 'dead letters';
  if (open <= more) return `${pipeline}: ${more} ${letters} ${of}`;
  return `${pipeline}: ${more} more ${letters} ${of}, ${open} open`;
}

/** The command that shows what an alert is about. */
export const alertCommand = ({ pipeline, about, cause }: Alert): string =>
  about === 'pause' ? 'tandem pause list' : `tandem dlq list --pipeline ${pipeline} --signature '${cause}'`;

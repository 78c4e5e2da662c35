import type { DeadLetterStatus, DeadSubject } from './messages.ts';
import { sidesOf, subjectMarkdown, subjectTitle } from './subject.ts';

/** What the Web UI shows of a dead letter, markdown. Below 2 kB, so that it is never compressed; it holds the row's key. */
export function deadLetterDetails(subject: DeadSubject, status: DeadLetterStatus): string {
  const { failure, hint, state, retries, discardReason, outcome } = status;
  return [
    `### ${subjectTitle(subject, null)}`,
    ...subjectMarkdown(subject),
    '',
    `**${failure.errorClass}**${tried(status)}, ${failure.failedAt}: ${failure.message.slice(0, 500)}`,
    '',
    hint,
    ...clashing(status),
    '',
    `State: **${state}**${status.conflict ? '' : `, retried by an operator ${retries} times`}`,
    ...editLines(status).slice(-1),
    ...(outcome === null ? [] : [`Outcome: ${outcome}`]),
    ...(discardReason === null ? [] : [`Discarded because: ${discardReason.slice(0, 300)}`]),
    '',
    [`tandem dlq show ${status.eventId}`, ...decisionCommands(subject, status)]
      .map((command) => `\`${command}\``)
      .join(' · '),
  ].join('\n');
}

const tried = ({ conflict, failure }: DeadLetterStatus) =>
  conflict ? '' : ` after ${failure.retryCount} retries`;

/** What an operator may decide, as it is run. */
export const decisionCommands = ({ kind }: DeadSubject, { eventId, conflict }: DeadLetterStatus): string[] =>
  conflict
    ? sidesOf(conflict).map((side) => `tandem dlq decide ${eventId} --take ${side}`)
    : [
        `tandem dlq retry ${eventId}`,
        ...(kind === 'event' ? [`tandem dlq edit ${eventId} --set COLUMN=VALUE`] : []),
        `tandem dlq discard ${eventId} --reason …`,
      ];

/** Who corrected which columns, the last time last. */
export const editLines = ({ edits = [] }: DeadLetterStatus): string[] =>
  edits.map(
    ({ by, at, columns }) => `Corrected by ${by.slice(0, 60)}, ${at}: ${columns.join(', ').slice(0, 200)}`,
  );

/** The two rows of a clash, and the command that makes them one; empty for any other failure. */
export function clashing({ pipeline, entity, failure }: DeadLetterStatus): string[] {
  const rows = failure.rows?.map(({ side, key }) => `${side}:${key}`);
  if (!rows || entity === null) return [];
  const link = `tandem link ${pipeline} ${entity} ${rows.join(' ')}`;
  return ['', `The rows: ${rows.join(' and ')}. If they are one: \`${link}\`, then retry.`];
}

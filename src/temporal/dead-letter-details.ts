import { deadRowDetails } from './dead-row-details.ts';
import { isColumn } from './dead-row.ts';
import type { SeenRow } from './dead-row.ts';
import type { DeadLetterStatus, DeadSubject } from './messages.ts';
import { sidesOf, subjectMarkdown, subjectTitle } from './subject.ts';

/**
 * What the Web UI shows of a dead letter, markdown: what failed and why, both rows, and what to type to repair it. It holds
 * row values.
 */
export function deadLetterDetails(
  subject: DeadSubject,
  status: DeadLetterStatus,
  seen: SeenRow | null = null,
): string {
  const { failure, hint, state, retries, discardReason, outcome } = status;
  return [
    `### ${subjectTitle(subject, null)}`,
    ...subjectMarkdown(subject),
    '',
    `**${failure.errorClass}**${tried(status)}, ${failure.failedAt}: ${failure.message.slice(0, 500)}`,
    '',
    hint,
    ...clashing(status),
    ...(seen ? deadRowDetails(seen, failure.column) : []),
    '',
    `State: **${state}**${status.conflict ? '' : `, retried by an operator ${retries} times`}`,
    ...editLines(status).slice(-1),
    ...(outcome === null ? [] : [`Outcome: ${outcome}`]),
    ...(discardReason === null ? [] : [`Discarded because: ${discardReason.slice(0, 300)}`]),
    ...(state === 'open' || state === 'retrying' ? repairs(subject, status, seen) : []),
  ].join('\n');
}

const tried = ({ conflict, failure }: DeadLetterStatus) =>
  conflict ? '' : ` after ${failure.retryCount} retries`;

function repairs(subject: DeadSubject, status: DeadLetterStatus, seen: SeenRow | null): string[] {
  return [
    '',
    '**To repair it here**: _More Actions_, _Send an Update_, and there',
    ...updates(subject, status, seen).map(([name, input, what]) => `- \`${name}\` ${input}: ${what}`),
    '',
    [`tandem dlq show ${status.eventId}`, ...decisionCommands(subject, status)]
      .map((command) => `\`${command}\``)
      .join(' · '),
  ];
}

type Repair = [name: string, input: string, what: string];

function updates(
  subject: DeadSubject,
  { failure, source }: DeadLetterStatus,
  seen: SeenRow | null,
): Repair[] {
  if (subject.kind === 'conflict')
    return sidesOf(subject).map((side) => ['decide', `with \`"${side}"\``, `the version of ${side} stands`]);
  const row = seen && 'row' in seen ? seen.row : null;
  const failed = row?.columns.find((column) => isColumn(column, failure.column))?.from ?? 'COLUMN';
  const isRow = subject.kind !== 'record';
  const event = subject.kind === 'event' ? subject.event : null;
  const isEnd = event?.operation === 'DELETE';
  const repairs: (Repair | false)[] = [
    ['retry', 'without input', 'once its cause is repaired'],
    isRow &&
      !isEnd &&
      event?.previous_key === undefined && [
        'retry',
        'with `{"reread": true}`',
        `brings the row as ${source} has it now`,
      ],
    event !== null &&
      !isEnd && [
        'edit',
        `with \`{"columns": {"${failed}": "NEW VALUE"}}\``,
        'corrects the event, and applies it',
      ],
    ['discard', 'with `"why it may be lost"`', 'gives the change up for good'],
    isRow && ['look', 'without input', 'reads both rows anew'],
  ];
  return repairs.filter((repair) => repair !== false);
}
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

import { clashing, decisionCommands, editLines } from '../temporal/dead-letter-details.ts';
import type { SeenRow } from '../temporal/dead-row.ts';
import { subjectMarkdown, subjectTitle } from '../temporal/subject.ts';
import type { DeadLetterStatus } from '../temporal/messages.ts';
import { columns } from './columns.ts';
import { deadRowText } from './dead-row-text.ts';
import type { DeadLetterView, OpenDeadLetter } from './dead-letters.ts';
import type { Decided } from './decide-dead-letters.ts';

/** Open dead letters as a table. */
export function listed(found: readonly OpenDeadLetter[]): string {
  if (found.length === 0) return 'no open dead letter';
  const rows = found.map(({ event_id, pipeline, operation, entity, side, signature, opened_at }) => [
    event_id,
    pipeline ?? '',
    [operation, entity ?? 'record'].filter(Boolean).join(' '),
    side ?? '',
    signature ?? '',
    opened_at,
  ]);
  const head = ['event id', 'pipeline', 'change', 'from', 'error', 'opened'];
  return `${columns(head, rows)}\n\n${found.length} open`;
}

/** One dead letter with its event; prints row values. */
export function shown({ subject, failure, status, row }: DeadLetterView & { row: SeenRow | null }): string {
  return [
    subjectTitle(subject, null),
    ...subjectMarkdown(subject),
    '',
    `${failure.errorClass}${subject.kind === 'conflict' ? '' : ` after ${failure.retryCount} retries`}, ${failure.failedAt}`,
    failure.message,
    ...(failure.stack === '' ? [] : [failure.stack]),
    '',
    ...(status
      ? [
          status.hint,
          ...clashing(status),
          ...(row ? deadRowText(row, failure.column) : []),
          '',
          `state: ${status.state}${status.conflict ? '' : `, retried by an operator ${status.retries} times`}`,
          ...(isClosed(status) ? [] : decisionCommands(subject, status).map((command) => `  ${command}`)),
        ]
      : ['state: unknown, no worker answers']),
    ...(status ? editLines(status) : []),
    ...(status?.corrected ? [`corrected: ${JSON.stringify(status.corrected)}`] : []),
    ...(status?.discardReason ? [`discarded because: ${status.discardReason}`] : []),
    '',
    JSON.stringify(subject.kind === 'event' ? subject.event : subject, null, 2),
  ].join('\n');
}

const isClosed = ({ state }: DeadLetterStatus) => state === 'resolved' || state === 'discarded';

/** What became of each, and of several a summary. `reread`: the rows were read as they are. */
export function decisions(decided: readonly Decided[], { reread = false } = {}): string {
  if (decided.length === 0) return 'no open dead letter matches';
  return [
    ...decided.map((each) => decisionLine(each, reread)),
    ...(decided.length > 1 ? ['', summary(decided)] : []),
  ].join('\n');
}

function decisionLine({ event_id, state, outcome, error, skipped }: Decided, reread: boolean): string {
  if (error !== null) return `${event_id}  failed: ${error}`;
  if (skipped !== null) return `${event_id}  skipped: ${skipped}`;
  const came = [state, outcome].filter(Boolean).join(', ');
  return `${event_id}  ${came}${outcome === 'stale' && !reread ? outdated(event_id) : ''}`;
}

const outdated = (eventId: string) =>
  `: a newer version of the row stands. To bring the row as its source has it now: tandem dlq retry ${eventId} --reread`;

function summary(decided: readonly Decided[]): string {
  const count = (which: (each: Decided) => boolean) => decided.filter(which).length;
  const done = ['resolved', 'discarded', 'retrying'].map(
    (state) => [count((each) => each.error === null && each.state === state), state] as const,
  );
  return [
    ...done,
    [count(({ skipped }) => skipped !== null), 'skipped'] as const,
    [count(({ error }) => error !== null), 'failed'] as const,
  ]
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${n} ${what}`)
    .join(', ');
}

import type { Row } from '../change/value.ts';
import type { DeadSubject } from './messages.ts';
import type { RowConflict } from './row-conflict.ts';

/** What can be told of a subject whatever its kind. */
export interface SubjectFacts {
  eventId: string;
  /** Null for a record nobody could parse. */
  entity: string | null;
  /** Null where only the record knows. */
  operation: string | null;
  /** Canonical key of the row; may be personal data, so for payload fields only. */
  key: string | null;
  source: string;
}

export function subjectFacts(subject: DeadSubject): SubjectFacts {
  if (subject.kind === 'event') {
    const { event_id, entity_type, operation, primary_key, source } = subject.event;
    return { eventId: event_id, entity: entity_type, operation, key: primary_key, source };
  }
  if (subject.kind === 'conflict') {
    const [{ side, key }] = subject.versions;
    return { eventId: subject.eventId, entity: subject.entity, operation: null, key, source: side };
  }
  const { eventId, side } = subject;
  if (subject.kind === 'record')
    return { eventId, entity: null, operation: null, key: subject.key, source: side };
  const key = subject.kind === 'hint' ? subject.key : null;
  return { eventId, entity: subject.entity, operation: null, key, source: side };
}

/** One line without row values: `UPDATE users legacy → revamp`. */
export function subjectTitle(subject: DeadSubject, target: string | null): string {
  if (subject.kind === 'conflict') return `conflict of ${subject.entity}, ${sidesOf(subject).join(' and ')}`;
  const { operation, entity, source } = subjectFacts(subject);
  const way = target === null ? source : `${source} → ${target}`;
  if (entity === null) return `unparsable record from ${way}`;
  const what = operation ?? (subject.kind === 'hint' ? 'row of' : 'large change of');
  return [what, entity, way].join(' ');
}

export const sidesOf = ({ versions }: RowConflict): string[] => versions.map(({ side }) => side);

/** Markdown lines that say which change it is. They hold the row's key, and of a conflict what differs. */
export function subjectMarkdown(subject: DeadSubject): string[] {
  if (subject.kind === 'conflict') return conflictMarkdown(subject);
  const { eventId, key } = subjectFacts(subject);
  const lines = [`- event id: \`${eventId}\``];
  if (key !== null) lines.push(`- key: \`${shorten(key)}\``);
  if (subject.kind === 'event') {
    const { timestamp, position, before } = subject.event;
    const columns = before && Object.keys(before);
    if (columns && columns.length > 0) lines.push(`- changed: ${columns.join(', ')}`);
    lines.push(`- committed: ${timestamp}`, `- position: \`${position.epoch}/${position.order}\``);
  } else if (subject.kind === 'hint') lines.push(`- to be read since: ${subject.timestamp}`);
  else {
    const { topic, partition, offset, expires } = subject.reference;
    lines.push(
      `- record: ${topic}[${partition}]@${offset}${expires === null ? '' : `, kept until ${expires}`}`,
    );
  }
  return lines;
}

/** Each version in a line of its own: the values as far as there is room for them. */
const conflictMarkdown = ({ eventId, versions }: RowConflict): string[] => [
  `- conflict id: \`${eventId}\``,
  ...versions.map(({ side, key, clock, row }) => {
    const values = row === null ? 'deleted' : row === undefined ? 'too large to show' : shownRow(row);
    return `- ${side} \`${shorten(key)}\`, changed ${timeOf(clock)}: ${values}`;
  }),
];

const shownRow = (row: Row) => {
  const shown = Object.entries(row).map(([name, value]) => `${name} \`${shorten(String(value), 60)}\``);
  return shorten(shown.join(', '), 700);
};

const timeOf = (clock: string) => new Date(Number(BigInt(clock) / 1000n)).toISOString();

const shorten = (text: string, most = 200) => (text.length > most ? `${text.slice(0, most)}…` : text);

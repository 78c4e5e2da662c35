import type { DeadSubject } from './messages.ts';

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
  const { eventId, side } = subject;
  if (subject.kind === 'record')
    return { eventId, entity: null, operation: null, key: subject.key, source: side };
  return { eventId, entity: subject.entity, operation: null, key: null, source: side };
}

/** One line without row values: `UPDATE users legacy → revamp`. */
export function subjectTitle(subject: DeadSubject, target: string | null): string {
  const { operation, entity, source } = subjectFacts(subject);
  const way = target === null ? source : `${source} → ${target}`;
  if (entity === null) return `unparsable record from ${way}`;
  return [operation ?? 'large change of', entity, way].join(' ');
}

/** Markdown lines that say which change it is. They hold the row's key. */
export function subjectMarkdown(subject: DeadSubject): string[] {
  const { eventId, key } = subjectFacts(subject);
  const lines = [`- event id: \`${eventId}\``];
  if (key !== null) lines.push(`- key: \`${shorten(key)}\``);
  if (subject.kind === 'event') {
    const { timestamp, position, before } = subject.event;
    const columns = before && Object.keys(before);
    if (columns && columns.length > 0) lines.push(`- changed: ${columns.join(', ')}`);
    lines.push(`- committed: ${timestamp}`, `- position: ${position.epoch}/${position.order}`);
  } else {
    const { topic, partition, offset, expires } = subject.reference;
    lines.push(
      `- record: ${topic}[${partition}]@${offset}${expires === null ? '' : `, kept until ${expires}`}`,
    );
  }
  return lines;
}

const shorten = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

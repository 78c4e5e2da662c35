import { readDeadLetterMessage } from './dead-letter-record.ts';
import type { DeadLetterRecord, ToldDeadLetter } from './dead-letter-record.ts';
import { subjectFacts } from './subject.ts';

/** A dead letter that the topic does not tell as closed. */
export interface UnresolvedLetter extends DeadLetterRecord {
  /** When its event died first since it was last closed, ISO 8601. */
  openedAt: string;
}

/** What a topic of dead letters comes to, message by message; the order of one event's messages does not matter. */
export class OpenOnTopic {
  readonly #open = new Map<string, UnresolvedLetter>();
  /** By event, the latest failure that is told as resolved. */
  readonly #resolved = new Map<string, string>();

  /** Throws an error that says what is wrong with a message. */
  add(message: Parameters<typeof readDeadLetterMessage>[0]): void {
    const told = readDeadLetterMessage(message);
    if (told.kind === 'record') this.#raised(told.record);
    else this.#closed(told);
  }

  get unresolved(): UnresolvedLetter[] {
    return [...this.#open.values()];
  }

  get resolved(): number {
    return [...this.#resolved.keys()].filter((eventId) => !this.#open.has(eventId)).length;
  }

  #raised(record: DeadLetterRecord): void {
    const { eventId } = subjectFacts(record.subject);
    const { failedAt } = record.failure;
    if (failedAt <= (this.#resolved.get(eventId) ?? '')) return;
    const known = this.#open.get(eventId);
    const openedAt = known && known.openedAt < failedAt ? known.openedAt : failedAt;
    this.#open.set(eventId, {
      ...(known && known.failure.failedAt > failedAt ? known : record),
      openedAt,
    });
  }

  #closed({ eventId, failedAt }: Extract<ToldDeadLetter, { kind: 'resolution' }>): void {
    if (failedAt > (this.#resolved.get(eventId) ?? '')) this.#resolved.set(eventId, failedAt);
    const open = this.#open.get(eventId);
    if (open && open.failure.failedAt <= failedAt) this.#open.delete(eventId);
  }
}

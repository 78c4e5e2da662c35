import type { EventBus, Message } from './event-bus.ts';
import type { KafkaProducer } from './kafka-producer.ts';

/** The topic that carries the changes of a source table. */
export const changesTopic = (table: string): string => `${table}-changes`;

/**
 * Kafka, one topic per source table, in the form of the seeds' change processor: the row in the target's columns, and headers
 * `table`, `action` and `record_id`. Messages about one row have its key, and so are in one partition. The topics must exist.
 */
export class KafkaChanges implements EventBus {
  readonly #producer: KafkaProducer;

  constructor(producer: KafkaProducer) {
    this.#producer = producer;
  }

  publish({ id, change }: Message): Promise<void> {
    const { table, targetTable, key, operation, row, version } = change;
    const action = operation === 'CREATE' ? 'INSERT' : operation;
    return this.#producer.send(changesTopic(table), {
      key,
      value: JSON.stringify({
        table,
        record_id: key,
        action,
        data: row,
        target_table: targetTable,
        version,
        event_id: id,
        processed_at: new Date().toISOString(),
      }),
      headers: { table, action, record_id: key },
    });
  }

  /** Kafka is watched by itself. */
  ping(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}

import type { Kafka } from 'kafkajs';
import type { DeadLetterTopic } from '../activities/deps.ts';
import { KafkaProducer } from '../effects/kafka-producer.ts';
import type { DeadLetterMessage } from '../temporal/dead-letter-record.ts';

/** The dead-letter topic in Kafka. */
export class KafkaDeadLetterTopic implements DeadLetterTopic {
  readonly #producer: KafkaProducer;
  readonly #topic: string;

  constructor(kafka: Kafka, topic: string) {
    this.#producer = new KafkaProducer(kafka);
    this.#topic = topic;
  }

  send(message: DeadLetterMessage): Promise<void> {
    return this.#producer.send(this.#topic, message);
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}

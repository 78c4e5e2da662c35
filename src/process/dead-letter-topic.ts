import kafkajs from 'kafkajs';
import type { Kafka, Producer } from 'kafkajs';
import type { DeadLetterTopic } from '../activities/deps.ts';
import { SyncError } from '../errors/sync-error.ts';

/** The dead-letter topic in Kafka. Connects at the first message, and anew after an error. */
export class KafkaDeadLetterTopic implements DeadLetterTopic {
  readonly #kafka: Kafka;
  readonly #topic: string;
  #producer: Promise<Producer> | null = null;

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka;
    this.#topic = topic;
  }

  async send(message: { key: string; value: string }): Promise<void> {
    try {
      const producer = await (this.#producer ??= this.#connect());
      await producer.send({
        topic: this.#topic,
        messages: [message],
        compression: kafkajs.CompressionTypes.GZIP,
      });
    } catch (error) {
      await this.close();
      throw new SyncError('unavailable', `Kafka does not take a message for ${this.#topic}`, {
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.then((p) => p.disconnect()).catch(() => {});
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return producer;
  }
}

import kafkajs from 'kafkajs';
import type { Kafka, Message, Producer } from 'kafkajs';
import { SyncError } from '../errors/sync-error.ts';

/** A producer that connects at the first message, and anew after an error. Makes no topics. */
export class KafkaProducer {
  readonly #kafka: Kafka;
  #producer: Promise<Producer> | null = null;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** Resolves once the brokers hold the message; at least once. Throws `unavailable`. */
  async send(topic: string, message: Message): Promise<void> {
    try {
      const producer = await (this.#producer ??= this.#connect());
      await producer.send({ topic, messages: [message], compression: kafkajs.CompressionTypes.GZIP });
    } catch (error) {
      await this.close();
      throw new SyncError('unavailable', `Kafka does not take a message for ${topic}`, { cause: error });
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

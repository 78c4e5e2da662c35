import type { Kafka } from 'kafkajs';
import kafkajs from 'kafkajs';
import type { FeedRecord } from '../change-feed.ts';

const cacheMs = 300_000;

/** Tells when Kafka may drop a record. Retention is asked for once in five minutes and topic. */
export class Retention {
  readonly #kafka: Kafka;
  readonly #known = new Map<string, { at: number; retentionMs: Promise<number | null> }>();

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** ISO 8601; null where the topic keeps records for ever, or where the broker does not tell. Never rejects. */
  async expiry(record: Pick<FeedRecord, 'topic' | 'timestamp'>): Promise<string | null> {
    const retentionMs = await this.#retention(record.topic).catch(() => {
      this.#known.delete(record.topic);
      return null;
    });
    return retentionMs === null ? null : new Date(record.timestamp + retentionMs).toISOString();
  }

  #retention(topic: string): Promise<number | null> {
    const known = this.#known.get(topic);
    if (known !== undefined && Date.now() - known.at < cacheMs) return known.retentionMs;
    const retentionMs = this.#ask(topic);
    this.#known.set(topic, { at: Date.now(), retentionMs });
    return retentionMs;
  }

  async #ask(topic: string): Promise<number | null> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms'] }],
      });
      const value = Number(
        resources[0]?.configEntries.find((e) => e.configName === 'retention.ms')?.configValue,
      );
      return Number.isFinite(value) && value >= 0 ? value : null;
    } finally {
      await admin.disconnect();
    }
  }
}

import type { Admin, Kafka } from 'kafkajs';
import pRetry from 'p-retry';
import type { Logger } from 'pino';

export interface TopicSettings {
  partitions: number;
  /** Milliseconds; null keeps records for ever. */
  retentionMs: number | null;
  maxMessageBytes: number;
}

export const changeTopicSettings: TopicSettings = {
  partitions: 3,
  retentionMs: 7 * 86_400_000,
  maxMessageBytes: 16 * 1024 * 1024,
};

export const deadLetterTopicSettings: TopicSettings = {
  partitions: 1,
  retentionMs: 30 * 86_400_000,
  maxMessageBytes: 16 * 1024 * 1024,
};

/**
 * Makes the topics that are missing, with the broker's default replication; those that exist are left as they are.
 * Returns the names it made. Throws kafkajs' error where the broker is away or refuses.
 */
export async function createMissingTopics(
  admin: Admin,
  wanted: ReadonlyMap<string, TopicSettings>,
): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  const missing = [...wanted].filter(([topic]) => !existing.has(topic));
  if (missing.length === 0) return [];
  await admin.createTopics({
    topics: missing.map(([topic, settings]) => ({
      topic,
      numPartitions: settings.partitions,
      replicationFactor: -1,
      configEntries: [
        { name: 'cleanup.policy', value: 'delete' },
        { name: 'retention.ms', value: String(settings.retentionMs ?? -1) },
        { name: 'max.message.bytes', value: String(settings.maxMessageBytes) },
      ],
    })),
  });
  return missing.map(([topic]) => topic);
}

/**
 * Returns once every topic exists, made here or, where this client may not, by somebody else: how many partitions they
 * have together. Waits without limit for the broker and for the topics; rejects only with the signal's reason, or with an
 * error that `refuses` says is not to be waited for.
 */
export async function ensureTopics(
  kafka: Kafka,
  wanted: ReadonlyMap<string, TopicSettings>,
  log: Logger,
  signal: AbortSignal,
  refuses: (error: Error) => boolean = () => false,
): Promise<number> {
  const names = [...wanted.keys()];
  const attempt = async () => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const made = await createMissingTopics(admin, wanted);
      if (made.length > 0) log.info({ topics: made }, 'topics made');
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      return topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
    } finally {
      await admin.disconnect();
    }
  };
  return pRetry(attempt, {
    retries: Infinity,
    minTimeout: 500,
    maxTimeout: 5000,
    signal,
    shouldRetry: ({ error }) => !refuses(error),
    onFailedAttempt: ({ error }) => {
      if (!signal.aborted)
        log.warn({ topics: names, error: error.message }, 'waiting for Kafka and its topics');
    },
  });
}

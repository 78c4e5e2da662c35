import { changeTopicSettings, deadLetterTopicSettings } from '../ingest/kafka/topics.ts';
import type { TopicSettings } from '../ingest/kafka/topics.ts';
import type { Settings } from './config/settings.ts';

const day = 86_400_000;

type Wanted = Pick<
  Settings,
  'topicPartitions' | 'maxMessageBytes' | 'topicRetentionDays' | 'deadLetterRetentionDays'
>;

export const changeTopic = (settings: Wanted): TopicSettings => ({
  ...changeTopicSettings,
  partitions: settings.topicPartitions,
  maxMessageBytes: settings.maxMessageBytes,
  retentionMs: settings.topicRetentionDays * day,
});

export const deadLetterTopic = (settings: Wanted): TopicSettings => ({
  ...deadLetterTopicSettings,
  maxMessageBytes: settings.maxMessageBytes,
  retentionMs: settings.deadLetterRetentionDays * day,
});

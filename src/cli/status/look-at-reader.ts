import type { Admin } from 'kafkajs';
import { createSqs } from '../../ingest/sqs/client.ts';
import { SqsQueue } from '../../ingest/sqs/queue.ts';
import type { CompiledSide } from '../../pipeline/route.ts';
import type { Settings } from '../../process/config/settings.ts';
import type { SideSettings } from '../../process/config/sides.ts';
import { sqsConnection } from '../../process/config/sqs.ts';
import { lookAtGroup } from '../../process/look-at-group.ts';
import { sideTopics } from '../../process/side-topics.ts';
import type { ReaderLook } from './report.ts';

export interface ReaderSeen {
  look: ReaderLook;
  /** Records of each topic that the group has not taken; null for a queue. */
  byTopic: ReadonlyMap<string, number> | null;
}

export async function lookAtConsumer(
  admin: Admin,
  side: CompiledSide,
  settings: SideSettings,
): Promise<ReaderSeen> {
  const { groupId: name } = settings;
  const { members, lags } = await lookAtGroup(admin, name, sideTopics(side, settings));
  const byTopic = new Map<string, number>();
  for (const { topic, records } of lags) byTopic.set(topic, (byTopic.get(topic) ?? 0) + records);
  const unread = lags.reduce((sum, { records }) => sum + records, 0);
  return { look: { name, members, unread }, byTopic };
}

export async function lookAtQueue(settings: Settings, url: string): Promise<ReaderSeen> {
  const queue = new SqsQueue(createSqs(sqsConnection(settings)), url);
  try {
    const { messages: unread } = await queue.state();
    return { look: { name: queue.name, members: null, unread }, byTopic: null };
  } finally {
    queue.close();
  }
}

import type { Admin } from 'kafkajs';
import type { PartitionLag } from '../ingest/change-feed.ts';
import { lagOf } from '../ingest/kafka/lag.ts';
import type { Assignment } from '../ingest/kafka/lag.ts';

/** A consumer group as the broker sees it, whoever asks. */
export interface GroupLook {
  members: number;
  /** Every partition of those of the topics that exist. */
  assignment: Assignment;
  /** Records of each partition that the group has not committed. */
  lags: PartitionLag[];
}

export async function lookAtGroup(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<GroupLook> {
  const existing = new Set(await admin.listTopics());
  const { topics: described } = await admin.fetchTopicMetadata({
    topics: topics.filter((topic) => existing.has(topic)),
  });
  const assignment = new Map(
    described.map(({ name, partitions }) => [name, partitions.map(({ partitionId }) => partitionId)]),
  );
  const { groups } = await admin.describeGroups([groupId]);
  return {
    members: groups[0]?.members.length ?? 0,
    assignment,
    lags: await lagOf(admin, groupId, assignment),
  };
}

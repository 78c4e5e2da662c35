import type { Admin } from 'kafkajs';
import type { Offsets } from './stream.ts';

/** Where topics end. Rejects for one that does not exist. */
export async function endsOf(
  admin: Pick<Admin, 'fetchTopicOffsets'>,
  topics: readonly string[],
): Promise<Offsets> {
  const all = await Promise.all(
    topics.map(async (topic) =>
      (await admin.fetchTopicOffsets(topic))
        // An empty partition was never committed.
        .filter(({ high, low }) => high !== low)
        .map(({ partition, high }) => [`${topic}/${partition}`, Number(high)] as const),
    ),
  );
  return new Map(all.flat());
}

/** Up to where a group has committed topics. */
export async function consumedOf(
  admin: Pick<Admin, 'fetchOffsets'>,
  groupId: string,
  topics: readonly string[],
): Promise<Offsets> {
  const answer = await admin.fetchOffsets({ groupId, topics: [...topics] });
  return new Map(
    answer.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const),
    ),
  );
}

import type { Admin, Kafka } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import type { PartitionLag } from '../change-feed.ts';

/** Topic to the partitions assigned to this process. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

/**
 * Records in the assigned partitions that the group has not committed. Asked from the broker, so it is right also where
 * nothing is delivered: paused, stuck, or before the first batch.
 */
export async function lagOf(admin: Admin, groupId: string, assignment: Assignment): Promise<PartitionLag[]> {
  const topics = [...assignment.keys()];
  if (topics.length === 0) return [];
  const committed = await admin.fetchOffsets({ groupId, topics });
  const lags: PartitionLag[] = [];
  for (const [topic, partitions] of assignment) {
    const ends = await admin.fetchTopicOffsets(topic);
    const own = committed.find((entry) => entry.topic === topic)?.partitions ?? [];
    for (const partition of partitions) {
      const end = ends.find((entry) => entry.partition === partition);
      if (end === undefined) continue;
      const next = Number(own.find((entry) => entry.partition === partition)?.offset ?? -1);
      const records = Math.max(0, Number(end.high) - Math.max(next, Number(end.low)));
      lags.push({ topic, partition, records });
    }
  }
  return lags;
}

/** Looks at the lag until the signal aborts; while the broker is away it tells nothing. */
export async function watchLag(
  kafka: Kafka,
  groupId: string,
  options: {
    assignment: () => Assignment;
    onLag: (partitions: PartitionLag[]) => void;
    intervalMs: number;
    signal: AbortSignal;
  },
): Promise<void> {
  const { assignment, onLag, intervalMs, signal } = options;
  let admin: Admin | null = null;
  while (!signal.aborted) {
    try {
      if (admin === null) {
        admin = kafka.admin();
        await admin.connect();
      }
      onLag(await lagOf(admin, groupId, assignment()));
    } catch {
      await admin?.disconnect().catch(() => {});
      admin = null;
    }
    await delay(intervalMs, undefined, { signal }).catch(() => {});
  }
  await admin?.disconnect().catch(() => {});
}

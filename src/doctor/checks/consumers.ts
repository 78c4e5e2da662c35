import { setTimeout as delay } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Assignment } from '../../ingest/kafka/lag.ts';
import { lookAtGroup } from '../../process/look-at-group.ts';
import { sideTopics } from '../../process/side-topics.ts';
import { hasConnector, onServer } from '../check.ts';
import type { Check } from '../check.ts';
import type { InspectedSide } from '../context.ts';
import { ok, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';

/** How long a group that is behind is given to move. */
const watchMs = 5000;

/** A group's members, and the records it had not taken at the beginning and at the end of a while. */
export interface GroupSeen {
  members: number;
  before: number;
  /** Records of `before` taken meanwhile. */
  taken: number;
}

export function judgeGroup(group: string, side: string, pipeline: string, seen: GroupSeen): Finding {
  const { members, before, taken } = seen;
  if (members === 0)
    return warn(group, `nobody reads; ${before} records wait`, `tandem ingest ${pipeline}/${side}`);
  if (before === 0) return ok(group, `${members} members, nothing waits`);
  if (taken > 0) return ok(group, `${members} members, ${before} records wait, moving`);
  return warn(
    group,
    `${before} records wait and none was taken within ${watchMs / 1000} s`,
    'look at /health of the ingest process: paused by too much in flight, or stuck; then restart it',
  );
}

async function committed(
  admin: Admin,
  groupId: string,
  assignment: Assignment,
): Promise<Map<string, number>> {
  const topics = await admin.fetchOffsets({ groupId, topics: [...assignment.keys()] });
  return new Map(
    topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const),
    ),
  );
}

async function look(admin: Admin, { side, settings, pipeline }: InspectedSide): Promise<Finding> {
  const { groupId } = settings;
  const { members, assignment, lags } = await lookAtGroup(admin, groupId, sideTopics(side, settings));
  const before = lags.reduce((sum, { records }) => sum + records, 0);
  let taken = 0;
  if (members > 0 && before > 0) {
    const first = await committed(admin, groupId, assignment);
    await delay(watchMs);
    for (const [place, offset] of await committed(admin, groupId, assignment))
      taken += Math.max(0, offset - (first.get(place) ?? 0));
  }
  return judgeGroup(groupId, side.name, pipeline.name, { members, before, taken });
}

/** Somebody reads the topics, and moves where something waits. */
export const consumers: Check = {
  name: 'consumers',
  title: 'Consumers move',
  run: (context) =>
    onServer('Kafka', context.kafka, (admin) =>
      Promise.all(context.sides.filter(hasConnector).map((side) => look(admin, side))),
    ),
};

import kafkajs from 'kafkajs';
import type { Kafka } from 'kafkajs';
import type { Upstream } from '../activities/deps.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { SideSettings } from './config/sides.ts';
import { ConnectRest } from './connectors/connect-rest.ts';
import { reachedTime } from './connectors/watch.ts';
import { sideTopics } from './side-topics.ts';

/** No queue of SQS keeps a message for longer (Amazon SQS, `MessageRetentionPeriod`). */
const queueRetentionMs = 14 * 86_400_000;

/** A pipeline's topics and connectors, as housekeeping asks of them. Methods throw `unavailable`. */
export function upstreamOf(
  kafka: Kafka,
  connectUrl: string,
  pipeline: CompiledPipeline,
  sides: ReadonlyMap<string, SideSettings>,
): Upstream {
  const captured = [...pipeline.sides.values()].filter(({ tables }) => tables.length > 0);
  const anyQueue = captured.some(({ name }) => sides.get(name)!.feed === 'sqs');
  const rest = new ConnectRest(connectUrl, { patienceMs: 5000, answerMs: 5000 });
  return {
    async retentionMs() {
      const topics = captured.flatMap((side) => sideTopics(side, sides.get(side.name)!));
      const admin = kafka.admin();
      try {
        await admin.connect();
        const existing = new Set(await admin.listTopics());
        const { resources } = await admin.describeConfigs({
          includeSynonyms: false,
          resources: topics
            .filter((topic) => existing.has(topic))
            .map((name) => ({
              type: kafkajs.ConfigResourceTypes.TOPIC,
              name,
              configNames: ['retention.ms'],
            })),
        });
        const kept = resources.map(({ configEntries }) =>
          Number(configEntries.find(({ configName }) => configName === 'retention.ms')?.configValue ?? -1),
        );
        return kept.some((ms) => ms < 0) ? null : Math.max(anyQueue ? queueRetentionMs : 0, ...kept);
      } catch (error) {
        throw new SyncError('unavailable', 'Kafka does not tell how long the topics keep records', {
          cause: error,
        });
      } finally {
        await admin.disconnect().catch(() => {});
      }
    },
    async captured() {
      // Nobody tells what AWS DMS has captured.
      if (anyQueue) return null;
      const times = await Promise.all(
        captured.map(async ({ connector }) => {
          const [offset] = await rest.offsets(connector);
          return offset === undefined ? null : reachedTime(offset);
        }),
      );
      const known = times.filter((time) => time !== null);
      return known.length < times.length || known.length === 0 ? null : Math.min(...known);
    },
  };
}

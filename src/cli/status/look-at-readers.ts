import { queueNameOf } from '../../ingest/sqs/client.ts';
import type { CompiledPipeline } from '../../pipeline/route.ts';
import { lookAtConsumer, lookAtQueue } from './look-at-reader.ts';
import type { ReaderSeen } from './look-at-reader.ts';
import type { Servers } from './servers.ts';
import { told } from './told.ts';
import type { Told } from './told.ts';

/** What reads the changes of each side, by side; those that nothing is captured on are left out. Never rejects. */
export async function lookAtReaders(
  { kafka, settings, sides }: Servers,
  pipeline: CompiledPipeline,
): Promise<ReadonlyMap<string, Told<ReaderSeen>>> {
  const captured = [...pipeline.sides.values()].filter(({ tables }) => tables.length > 0);
  const of = sides(pipeline);
  const admin = kafka.admin();
  const anyTopic = captured.some(({ name }) => of.get(name)!.settings.queueUrl === null);
  const connected = anyTopic ? admin.connect() : Promise.resolve();
  try {
    const seen = captured.map(async (side) => {
      const { settings: own } = of.get(side.name)!;
      const { queueUrl } = own;
      const reader =
        queueUrl === null
          ? await told('Kafka', async () => {
              await connected;
              return lookAtConsumer(admin, side, own);
            })
          : await told(`queue ${queueNameOf(queueUrl)}`, () => lookAtQueue(settings, queueUrl));
      return [side.name, reader] as const;
    });
    return new Map(await Promise.all(seen));
  } finally {
    void connected.then(() => admin.disconnect()).catch(() => {});
  }
}

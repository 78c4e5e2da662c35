import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startDmsFeeder } from '../../src/demo/dms-feeder.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { createSqs } from '../../src/ingest/sqs/client.ts';
import { SqsQueue } from '../../src/ingest/sqs/queue.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import { sqsConnection } from '../../src/process/config/sqs.ts';
import { sideTopics } from '../../src/process/side-topics.ts';
import {
  admitReader,
  inQueue,
  runDialler,
  seesContext,
  userWithEverything,
} from '../support/dialler-world.ts';
import type { Dialler } from '../support/dialler-world.ts';
import { eventually } from '../support/eventually.ts';
import { freshKey } from '../support/fresh-key.ts';

let reader: Awaited<ReturnType<typeof admitReader>>;
beforeAll(async () => {
  reader = await admitReader();
});
afterAll(() => reader.drop());

/** Where the feeder's group is to begin: behind what earlier tests wrote, also when it is set back. */
async function marks(dialler: Dialler): Promise<{ setBack(): Promise<void> }> {
  const { pipeline, environment, kafka } = dialler;
  const side = resolveSides(pipeline, environment).get('replica')!;
  const topics = sideTopics(pipeline.sides.get('replica')!, side);
  const admin = kafka.admin();
  await admin.connect();
  const ends = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
  await admin.disconnect();
  return {
    async setBack() {
      await admin.connect();
      for (const [at, topic] of topics.entries()) {
        const partitions = ends[at]!.map(({ partition, high }) => ({ partition, offset: high }));
        await admin.setOffsets({ groupId: `${side.groupId}.dms`, topic, partitions });
      }
      await admin.disconnect();
    },
  };
}

test('by AWS DMS and SQS the dialler is as right, and all of it once more changes nothing', async () => {
  await using dialler = await runDialler({ REPLICA_FEED: 'sqs' });
  const { pipeline, environment, settings } = dialler;
  const url = resolveSides(pipeline, environment).get('replica')!.queueUrl!;
  const queue = new SqsQueue(createSqs(sqsConnection(settings)), url);
  const begun = await marks(dialler);
  const feed = async () => {
    await begun.setBack();
    const log = createLogger({ level: 'silent' });
    return startDmsFeeder({ pipeline, side: 'replica', environment, log });
  };
  let feeder = await feed();
  try {
    const id = freshKey();
    await userWithEverything(dialler, id);
    await inQueue(dialler, id, 'pending_requirements');
    await seesContext(
      dialler,
      id,
      ({ claims }) => claims[0]?.vehiclePackages[0]?.monthlyPayment === '199.90',
    );
    await dialler.app('replica', `UPDATE claim_requirements SET status = 'DONE' WHERE id = ?`, [`r-${id}`]);
    await dialler.app('replica', 'UPDATE claims SET lender = ? WHERE id = ?', ['Southern Bank', id]);
    await dialler.app('replica', 'UPDATE users SET last_name = ? WHERE id = ?', ['King', id]);
    await dialler.app('replica', 'DELETE FROM claim_vehicle_packages WHERE id = ?', [id]);
    await inQueue(dialler, id, 'open_claims');
    await seesContext(
      dialler,
      id,
      ({ claims }) =>
        claims[0]?.lender === 'Southern Bank' &&
        claims[0].vehiclePackages.length === 0 &&
        claims[0].requirements.length === 0,
    );
    await dialler.see('dialler', `SELECT 1 FROM users WHERE id = $1 AND last_name = 'King'`, [id]);
    await eventually('everything to be taken', async () => (await queue.state()).messages === 0);
    const state = () =>
      Promise.all([
        dialler.admin('dialler', 'SELECT * FROM users WHERE id = $1', [id]),
        dialler.admin('dialler', 'SELECT * FROM claims WHERE id = $1', [id]),
        dialler.admin('dialler', 'SELECT * FROM claim_requirements WHERE claim_id = $1', [id]),
        dialler.admin('dialler', 'SELECT * FROM claim_vehicle_packages WHERE claim_id = $1', [id]),
        dialler.admin('dialler', 'SELECT * FROM call_queue WHERE user_id = $1', [id]),
        dialler.admin('dialler', `SELECT count(*) FROM tandem.processed_events WHERE pipeline = 'dialler'`),
      ]);
    const before = await state();

    await feeder.stop();
    feeder = await feed();
    // What comes last comes after all that is delivered again.
    await dialler.app('replica', 'INSERT INTO users (id, first_name) VALUES (?, ?)', [id + 1, 'Last']);
    await dialler.see('dialler', 'SELECT 1 FROM users WHERE id = $1', [id + 1]);
    await eventually('everything to be taken', async () => (await queue.state()).messages === 0);
    const [users, claims, requirements, packages, entry, processed] = await state();
    expect([users, claims, requirements, packages, entry]).toEqual(before.slice(0, 5));
    // The last one's event alone.
    expect(Number(processed[0]!['count'])).toBe(Number(before[5][0]!['count']) + 1);
  } finally {
    await feeder.stop();
    queue.close();
  }
});

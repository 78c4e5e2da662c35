import { expect, test } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { deadRecord } from '../../../src/ingest/dead-record.ts';
import { defaultRetryLimits } from '../../../src/errors/policy.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { integer, text } from '../../../src/pipeline/columns.ts';
import { recordSource } from '../../../src/process/record-source.ts';
import { copied, mainToCopy } from '../../support/main-to-copy.ts';

const pipeline = mainToCopy({ people: copied({ id: integer(), name: text() }) });
/** Asked for anything it throws. */
const noKafka = Object.freeze({}) as Kafka;

async function retried(record: unknown, padding = '') {
  const { subject } = deadRecord(
    {
      topic: 'queue',
      partition: 0,
      offset: 'message-1',
      key: null,
      value: Buffer.from(JSON.stringify(record) + padding),
      headers: {},
      timestamp: 0,
      followers: 0,
    },
    new SyncError('data', 'it could not be parsed then'),
    { pipeline: 'pair', side: 'main', limits: defaultRetryLimits, expires: null, heldValueBytes: Infinity },
  );
  if (subject.kind !== 'record') throw new Error('a record was buried');
  return recordSource(noKafka, pipeline).parseRecord(subject);
}

const insert = {
  data: { id: 7, name: 'Ann' },
  metadata: {
    'record-type': 'data',
    operation: 'insert',
    'schema-name': 'main_db',
    'table-name': 'people',
    'transaction-id': 1,
    'transaction-record-id': 1,
    'commit-timestamp': '2024-07-29T00:58:17Z',
  },
};

test('a record that is held is parsed again without Kafka, however large it is', async () => {
  const [subject] = await retried(insert, ' '.repeat(500_000));
  expect(subject).toMatchObject({ kind: 'event', event: { primary_key: '7', operation: 'CREATE' } });
});

test('a hint that is held becomes the same hint as at its delivery', async () => {
  const hint = { eventName: 'MODIFY', tableName: 'people', dynamodb: { Keys: { id: { N: '7' } } } };
  const [[one], [other]] = [await retried(hint), await retried(hint)];
  expect(one).toMatchObject({ kind: 'hint', entity: 'people', side: 'main', key: '7' });
  expect(one).toMatchObject({ eventId: (other as { eventId: string }).eventId });
});

import { expect, test } from '@jest/globals';
import { beginnings } from '../../../src/process/connectors/whole-transactions.ts';

const partition = { server: 'revamp' };
const gtids = 'a:1-7:tandem:1-3';

test('a place inside a transaction is taken back to its beginning, and any other is left alone', () => {
  const place = { file: 'binlog.000002', pos: 4, gtids };
  expect(
    beginnings([
      { partition, offset: { ...place, row: 1, event: 3 } },
      { partition, offset: { ...place, row: 2 } },
      { partition, offset: { ...place, row: 0, event: 0 } },
      { partition, offset: { lsn: 7 } },
    ]),
  ).toEqual([
    { partition, offset: place },
    { partition, offset: place },
  ]);
});

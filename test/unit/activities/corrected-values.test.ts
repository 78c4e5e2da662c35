import { expect, test } from '@jest/globals';
import type { ActivityDeps } from '../../../src/activities/deps.ts';
import { transformChangeActivity } from '../../../src/activities/transform-change.ts';
import { upsertRowActivity } from '../../../src/activities/upsert-row.ts';
import { Fuse } from '../../../src/errors/fuse.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { date, integer } from '../../../src/pipeline/columns.ts';
import { copied, mainToCopy } from '../../support/main-to-copy.ts';
import { MemoryDatabase } from '../../support/memory-database.ts';
import { rowEvent } from '../../support/row-event.ts';

const pipeline = mainToCopy({ people: copied({ id: integer(), born: date().nullable() }) });
const main = new MemoryDatabase('main', 1);
main.rows('people').set('1', { values: { id: '1', born: '1815-12-10' }, clock: null });

const born = async (subject: { event: ChangeEvent; edited?: true }) => {
  const databases = new Map([
    ['main', main],
    ['copy', new MemoryDatabase('copy', 1)],
  ]);
  const transform = transformChangeActivity({ pipeline, databases } as unknown as ActivityDeps);
  return (await transform({ pipeline: 'pair', subject: { kind: 'event', ...subject } })).row?.['born'];
};

test('a value that an operator corrected is not read from the source row, a doubtful one of the log is', async () => {
  const row = { values: { id: '1', born: null }, clock: null };
  const event = rowEvent(pipeline.route('people', 'main')!, 'CREATE', '1', { before: null, row, order: 1 });
  expect(await born({ event })).toBe('1815-12-10');
  expect(await born({ event, edited: true })).toBeNull();
});

test('of a corrected event whose order cannot be told no row is read instead: it fails, and says what to do', async () => {
  const route = pipeline.route('people', 'main')!;
  const at = (order: number, timestamp: string) => ({
    ...rowEvent(route, 'CREATE', '1', {
      before: null,
      row: { values: { id: '1', born: '1815-12-10' }, clock: null },
      order,
    }),
    timestamp,
  });
  const upsert = upsertRowActivity({
    pipeline,
    databases: new Map([
      ['main', main],
      ['copy', new MemoryDatabase('copy', 1)],
    ]),
    pauses: { open: [] },
    fuse: new Fuse({ errors: 0, windowMs: 1 }),
    observer: { applied: () => {} },
    maxClockSkewSeconds: 5,
  } as unknown as ActivityDeps);
  const apply = (subject: { event: ChangeEvent; edited?: true }) =>
    upsert({ pipeline: 'pair', subject: { kind: 'event', ...subject }, transformed: null, identity: null });
  await apply({ event: at(1, '2026-01-08T10:00:00.000Z') });
  const unclear = at(2, '2026-01-08T09:00:00.000Z');
  await expect(apply({ event: unclear, edited: true })).rejects.toMatchObject({
    errorClass: 'data',
    message: expect.stringMatching(/retry with reread/),
  });
  expect(await apply({ event: unclear })).toMatchObject({ replayed: false });
});

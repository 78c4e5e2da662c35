import { rm } from 'node:fs/promises';
import { test } from '@jest/globals';
import { endServer } from '../../src/stack/server-process.ts';
import { Drill } from './drill.ts';

test('events that were open in a Temporal that is gone run in another one after a rewind, and no other changes anything', async () => {
  await using drill = await Drill.open();
  const [ingest, worker] = drill.system.processes;
  drill.begin();
  await drill.written('legacy', 40);
  await worker!.kill();
  await drill.written('legacy', 20);
  await drill.written('revamp', 20);
  await drill.halt();

  await ingest!.drain();
  await endServer(drill.stack.folders.record('temporal'));
  await rm(drill.stack.folders.data('temporal'), { recursive: true });
  await drill.stack.up({ only: ['temporal'] });
  for (const side of ['legacy', 'revamp'])
    await drill.operator('rewind', `blog/${side}`, '--to', drill.since.toISOString());
  await Promise.all([ingest!.start(), worker!.start()]);
  await drill.quiet();
  await drill.judge();
}, 400_000);

/**
 * Records the histories that `test/workflow/replay.test.ts` replays, into a folder named by the package's version:
 * `npm run histories`, which a release does. Never to make a failing replay pass: workflows that run now were written by an
 * earlier build.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { ChangeEvent } from '../../src/change/event.ts';
import { packageRoot, packageVersion } from '../../src/package-root.ts';
import { deadLetterId } from '../../src/temporal/names.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

// Frames would put this machine's paths into the recordings.
Error.stackTraceLimit = 0;

const folder = join(packageRoot, 'test', 'histories', packageVersion());

await using world = await WorkflowWorld.open();

async function record(name: string, workflowId: string): Promise<void> {
  const history = await world.client.workflow.getHandle(workflowId).fetchHistory();
  const json = historyToJSON(history)
    .replaceAll(packageRoot, '')
    .replaceAll(/"identity": "[^"]*"/g, '"identity": "recorder"');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${json}\n`);
}

async function dead(): Promise<ChangeEvent> {
  world.right.follow(() => 'data');
  const event = world.newParent();
  await world.sync(event).catch(() => {});
  return event;
}

world.right.follow(() => null);
const fine = world.newParent();
await world.sync(fine);
await record('fine', fine.event_id);

world.right.follow((attempt) => (attempt <= 3 ? 'constraint' : attempt <= 6 ? 'unavailable' : null));
const troubled = world.newParent();
await world.sync(troubled);
await record('constraint-and-outage', troubled.event_id);

world.right.follow(() => null);
const parent = world.newParent();
const child = world.newChild(parent.primary_key);
const waiting = await world.start(child);
await world.env.sleep('5 seconds');
await world.sync(parent);
await world.result(waiting);
await record('waiting-for-row', child.event_id);

const retried = await dead();
const { retry, status } = world.deadLetter(retried.event_id);
await retry();
await world.until(async () => (await status()).state === 'open');
await record('dead', retried.event_id);
world.right.follow(() => null);
await retry();
await world.until(async () => (await status()).state === 'resolved');
await record('retried', retried.event_id);
await record('dead-letter-resolved', deadLetterId(retried.event_id));

const discarded = await dead();
world.right.follow(() => null);
await world.deadLetter(discarded.event_id).discard('recorded');
await record('dead-letter-discarded', deadLetterId(discarded.event_id));

world.right.follow(() => 'schema');
const cancelled = world.newParent();
const handle = await world.start(cancelled);
await world.env.sleep('1 minute');
await handle.cancel();
await world.result(handle).catch(() => {});
await record('cancelled', cancelled.event_id);

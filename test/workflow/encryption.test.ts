import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import { dataConverter } from '../../src/temporal/data-converter.ts';
import { deadLetterId } from '../../src/temporal/names.ts';
import { parsePayloadKeys } from '../../src/temporal/payload-keys.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

const keys = parsePayloadKeys(`k:${randomBytes(32).toString('base64')}`);

/** What Temporal keeps of a workflow. */
async function kept(world: WorkflowWorld, workflowId: string): Promise<string> {
  const history = await world.client.workflow.getHandle(workflowId).fetchHistory();
  return Buffer.from(proto.temporal.api.history.v1.History.encode(history).finish()).toString('latin1');
}

test('an event goes its way without a readable value, message or stack in Temporal or on the topic', async () => {
  await using world = await WorkflowWorld.open({ keys, wakes: false });
  const applied = world.newParent();
  expect(await world.sync(applied)).toMatchObject({ outcome: 'applied' });
  expect(await kept(world, applied.event_id)).not.toMatch(/secret-name|CREATE parents/);

  world.right.follow(() => 'data');
  const dead = world.newParent();
  await expect(world.sync(dead)).rejects.toMatchObject({ cause: { message: expect.stringMatching(/./) } });
  const { failure } = await world.deadLetter(dead.event_id).status();
  for (const id of [dead.event_id, deadLetterId(dead.event_id)]) {
    const history = await kept(world, id);
    for (const readable of ['secret-name', failure.message, 'src/activities'])
      expect(history).not.toContain(readable);
  }
  expect(await kept(world, dead.event_id)).toContain('Encoded failure');

  await world.until(() => world.published.length > 0);
  const { original_event } = JSON.parse(world.published[0]!.value) as { original_event: object };
  const payload = proto.temporal.api.common.v1.Payload.fromObject(original_event);
  const [opened] = await decode(dataConverter(keys).payloadCodecs!, [payload]);
  expect(defaultPayloadConverter.fromPayload(opened!)).toEqual(dead);
});

import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { warnUnlessCurrent } from '../../src/process/worker-version.ts';
import { deadLetterId } from '../../src/temporal/names.ts';
import { eventually } from '../support/eventually.ts';
import { WorkflowWorld } from '../support/workflow-world.ts';

const deploymentName = 'pair';
const version = (buildId: string) => ({ deploymentName, buildId });

test('an event ends on the version of the workers that it began on; what is open for long moves to the current one', async () => {
  await using world = await WorkflowWorld.open({ version: version('1') });
  const { workflowService } = world.client;
  const makeCurrent = (buildId: string) =>
    eventually(`version ${buildId} to be current`, () =>
      workflowService.setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName, buildId }),
    );
  const versionOf = async (workflowId: string) => {
    const { raw } = await world.client.workflow.getHandle(workflowId).describe();
    return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
  };

  const warned = async (buildId: string) => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
    await warnUnlessCurrent(world.client, 'default', version(buildId), log);
    return lines.join('');
  };

  expect(await warned('1')).toContain('no version of the workers is current');
  await makeCurrent('1');
  expect(await warned('1')).toBe('');
  expect(await warned('2')).toContain('set-current-version --deployment-name pair --build-id 2');
  world.right.follow(() => 'data');
  const dead = world.newParent();
  await world.sync(dead).catch(() => {});
  world.right.follow(() => null);
  const parent = world.newParent();
  const child = world.newChild(parent.primary_key);
  const waiting = await world.start(child);
  await eventually(
    'the child to wait',
    async () => (await world.status(child)).trouble?.errorClass === 'waiting_for_row',
  );

  await world.work(version('2'));
  await makeCurrent('2');
  await world.sync(parent);
  await world.result(waiting);
  await world.deadLetter(dead.event_id).retry();
  expect({
    begunBefore: await versionOf(child.event_id),
    begunAfter: await versionOf(parent.event_id),
    openAllAlong: await versionOf(deadLetterId(dead.event_id)),
  }).toEqual({ begunBefore: '1', begunAfter: '2', openAllAlong: '2' });
}, 60_000);

import type { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { Logger } from 'pino';
import { grpcStatus } from '../ingest/grpc-status.ts';
import { packageVersion } from '../package-root.ts';
import type { Settings } from './config/settings.ts';

/** Undefined where workers are not versioned. */
export function workerVersion({
  deploymentName,
  buildId,
}: Pick<Settings, 'deploymentName' | 'buildId'>): WorkerDeploymentVersion | undefined {
  return deploymentName === null ? undefined : { deploymentName, buildId: buildId ?? packageVersion() };
}

/** Warns of a version that gets no events, and says what makes it current: a worker cannot do that itself. Never throws. */
export async function warnUnlessCurrent(
  client: Client,
  namespace: string,
  { deploymentName, buildId }: WorkerDeploymentVersion,
  log: Logger,
): Promise<void> {
  try {
    const current = await currentBuild(client, namespace, deploymentName);
    if (current === buildId) return;
    const repair = `tandem temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`;
    log.warn(
      { version: buildId, name: deploymentName, repair },
      current === null ? 'no version of the workers is current' : 'another version of the workers is current',
    );
  } catch (error) {
    log.warn({ name: deploymentName, error_code: grpcStatus(error) }, 'the current version is not known');
  }
}

/** Null where none is. */
async function currentBuild(
  client: Client,
  namespace: string,
  deploymentName: string,
): Promise<string | null> {
  try {
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName,
    });
    return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId || null;
  } catch (error) {
    // None of its workers has asked for work yet.
    if (grpcStatus(error) === 'NOT_FOUND') return null;
    throw error;
  }
}

import { TypedSearchAttributes } from '@temporalio/common';
import type { Alert, AlertInput } from './alert.ts';
import { alertId, signalNames, taskQueue } from './names.ts';
import { attributePairs } from './search-attributes.ts';

/** How an alert is raised: `client.workflow.signalWithStart(workflowTypes.alert, alertStartOptions(input))`. */
export function alertStartOptions(input: AlertInput) {
  const { pipeline, about, cause, name } = input.alert;
  return {
    workflowId: alertId(pipeline, cause),
    taskQueue: taskQueue(pipeline),
    args: [input] as [AlertInput],
    signal: signalNames.raised,
    signalArgs: [input.alert] as [Alert],
    typedSearchAttributes: new TypedSearchAttributes(
      attributePairs({
        TandemPipeline: pipeline,
        TandemErrorSignature: about === 'dead_letters' ? cause : null,
      }),
    ),
    staticSummary: `${about === 'pause' ? 'pause' : 'dead letters'} of ${name}`,
  };
}

import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { Headers } from '@temporalio/common';
import type { InjectedSinks, WorkerOptions } from '@temporalio/worker';
import type { Tracing } from '../observability/tracing.ts';
import { workflowTypes } from '../temporal/names.ts';
import { carrierIn, traceHeaders } from '../temporal/trace-carrier.ts';
import type { TraceSinks } from '../workflows/tracing.ts';

/** Those that are about events; the others run for as long as the pipeline, or about nothing in particular. */
const traced: ReadonlySet<string> = new Set([
  workflowTypes.syncChange,
  workflowTypes.syncBatch,
  workflowTypes.deadLetter,
]);

interface Start {
  workflowType: string;
  headers: Headers;
  options: { workflowId: string };
}

/** A workflow that is started gets to know the trace it is started from; where there is none, it begins one. */
export function tracedStarts(tracing: Tracing): WorkflowClientInterceptor {
  const start = <I extends Start, R>(input: I, next: (input: I) => Promise<R>): Promise<R> => {
    const { workflowType, options, headers } = input;
    if (!traced.has(workflowType)) return next(input);
    const attributes = { 'temporal.workflow_id': options.workflowId };
    return tracing.during({ name: `start ${workflowType}`, kind: 'producer', begins: true, attributes }, () =>
      next({ ...input, headers: { ...headers, ...traceHeaders(tracing.carrier()) } }),
    );
  };
  return { startWithDetails: start, signalWithStart: start };
}

/** What a worker needs so that runs and their activities show in the trace they were started from. */
export function tracedRuns(tracing: Tracing): Pick<WorkerOptions, 'interceptors' | 'sinks'> {
  const sinks: InjectedSinks<TraceSinks> = {
    traces: {
      runEnded: {
        fn: ({ workflowType: name, workflowId, runId, runStartTime }, parent, error) =>
          tracing.runEnded({
            name,
            parent,
            runId,
            started: runStartTime.getTime(),
            error,
            attributes: { 'temporal.workflow_id': workflowId, 'temporal.run_id': runId },
          }),
      },
    },
  };
  return {
    sinks,
    interceptors: {
      activity: [
        ({ info: { activityType: name, attempt, isLocal } }) => ({
          inbound: {
            execute(input, next) {
              const parent = carrierIn(input.headers);
              if (parent === null) return next(input);
              const attributes = { 'temporal.attempt': attempt, 'temporal.local': isLocal };
              return tracing.during({ name, parent, attributes }, () => next(input));
            },
          },
        }),
      ],
    },
  };
}

import { ContinueAsNew, proxySinks, workflowInfo } from '@temporalio/workflow';
import type { Headers, Sinks, WorkflowInterceptors } from '@temporalio/workflow';
import { errorType } from '../errors/error-type.ts';
import { carrierIn, traceHeaders, withinRun } from '../temporal/trace-carrier.ts';
import type { TraceCarrier } from '../temporal/trace-carrier.ts';

export interface TraceSinks extends Sinks {
  traces: {
    /** A run that was started from within a trace has ended; `error` is its class. */
    runEnded(parent: TraceCarrier, error: string | null): void;
  };
}

/**
 * Carries the trace a run was started from to its activities, and tells of its end. Workflow code takes no notice: nothing is
 * awaited, drawn or timed here, so a run replays alike, traced or not.
 */
export const interceptors = (): WorkflowInterceptors => {
  const { traces } = proxySinks<TraceSinks>();
  let carried: Headers = {};
  const carrying = <I extends { headers: Headers }, R>(input: I, next: (input: I) => R): R =>
    next({ ...input, headers: { ...input.headers, ...carried } });
  return {
    inbound: [
      {
        async execute(input, next) {
          const parent = carrierIn(input.headers);
          if (parent === null) return next(input);
          carried = traceHeaders(withinRun(parent, workflowInfo().runId));
          try {
            const result = await next(input);
            traces.runEnded(parent, null);
            return result;
          } catch (error) {
            traces.runEnded(parent, error instanceof ContinueAsNew ? null : errorType(error));
            throw error;
          }
        },
      },
    ],
    outbound: [{ scheduleActivity: carrying, scheduleLocalActivity: carrying, continueAsNew: carrying }],
  };
};

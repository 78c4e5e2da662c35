import { WorkflowNotFoundError } from '@temporalio/client';

/** Does what a running workflow is needed for; `what` names it to whoever asked where it has ended, or never was. */
export async function whileRuns<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new Error(`no ${what} is under way`, { cause: error });
  }
}

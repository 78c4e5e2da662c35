import { workflowTypes } from '../src/temporal/names.ts';
import type { System } from '../test/chaos/system.ts';
import { eventually } from '../test/support/eventually.ts';
import { nextLine, startChild, stopChild } from './child.ts';

const patienceMs = 3_600_000;

/** Works off what is in the topics, so that it is not measured with what comes next. */
export async function drain(system: System, environment: NodeJS.ProcessEnv): Promise<void> {
  const tandem = startChild('./tandem.ts', ['blog'], { ...environment, SYNC_LANE: 'batch' });
  try {
    await nextLine(tandem);
    const quiet = async () =>
      (await system.lag()) === 0 && (await system.running(workflowTypes.syncBatch)) === 0;
    await eventually('the topics to be worked off', quiet, patienceMs);
  } finally {
    await stopChild(tandem);
  }
}

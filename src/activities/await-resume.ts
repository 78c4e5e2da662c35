import { ApplicationFailure } from '@temporalio/activity';
import type { PauseActivities } from '../temporal/pause.ts';
import type { ActivityDeps } from './deps.ts';

/** No error of anybody's, so nothing is told of it: Temporal tries again until the pause is over. */
export function awaitResumeActivity({ pauses }: ActivityDeps): PauseActivities['awaitResume'] {
  return async ({ pause }) => {
    if (await pauses.isOpen(pause))
      throw ApplicationFailure.create({ message: `held while ${pause} is open`, type: 'paused' });
  };
}

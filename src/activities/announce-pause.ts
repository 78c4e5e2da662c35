import { pauseAlert } from '../temporal/alert.ts';
import type { PauseActivities } from '../temporal/pause.ts';
import type { ActivityDeps } from './deps.ts';
import { raiseAlert } from './tell-alert.ts';

/** What an operator asked for needs no alert; the end of a pause the alert finds by itself. */
export function announcePauseActivity(deps: ActivityDeps): PauseActivities['announcePause'] {
  return async ({ status }) => {
    deps.observer.pauseChanged(status);
    if (status.reason !== 'operator' && !status.resumed) await raiseAlert(deps, pauseAlert(status));
  };
}

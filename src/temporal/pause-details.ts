import { scopeName } from './pause.ts';
import type { PauseReason, PauseStatus } from './pause.ts';

/** How each is repaired. */
export const whatToDo: Record<PauseReason, string> = {
  operator: 'Nothing of it is read or written until it is resumed.',
  fuse: 'Events fail alike, so reading stopped before all of them became dead letters; those under way are held. Repair the cause: a trial goes on by itself, and the held events after it. Then retry the dead letters of this signature.',
  schema:
    'A table or column of the column map is missing. Add it or correct the pipeline: a trial goes on by itself, and no event is lost. `tandem doctor` names it.',
  log_restarted:
    "The positions of this side's log have begun anew (restore, failover, RESET BINARY LOGS). Raise the epoch of its connector with `tandem connectors apply PIPELINE --new-epoch SIDE`, then resume.",
};

/** What the Web UI shows of a pause, markdown. */
export function pauseDetails(status: PauseStatus): string {
  const { pipeline, scope, reason, text, signature, since, trialEvent, resumed } = status;
  const name = scopeName(pipeline, scope);
  return [
    `### ${name} ${resumed ? 'was' : 'is'} paused: ${reason}`,
    `- since: ${since}`,
    ...(signature === null ? [] : [`- error: \`${signature}\``]),
    ...(trialEvent === null ? [] : [`- trial: event \`${trialEvent}\`, activity \`tryPaused\``]),
    '',
    text.slice(0, 500),
    '',
    ...(resumed
      ? [`Resumed ${resumed.at} by ${resumed.by}: ${resumed.text.slice(0, 300)}`]
      : [whatToDo[reason], '', `\`tandem resume ${name}\` · update \`resume\``]),
  ].join('\n');
}

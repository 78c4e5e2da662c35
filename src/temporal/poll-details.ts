import { outcomesText } from './outcomes-text.ts';
import type { PollStatus } from './polling.ts';

/** Markdown for the Web UI; no row values. */
export const pollDetails = ({ rows, outcomes, left, troubles, progress }: PollStatus): string =>
  [
    `${rows} rows brought${outcomesText({ ...outcomes, ...(left > 0 && { 'on their own': left }) })}`,
    '',
    `Keys last compared: ${progress.comparedAt ?? 'not yet'}`,
    ...Object.entries(troubles).map(([entity, why]) => `- **${entity}** could not be read: ${why}`),
  ].join('\n');

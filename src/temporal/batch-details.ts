import type { BatchResult } from './batch.ts';
import { outcomesText } from './outcomes-text.ts';

/** Markdown for the Web UI; `result` null: the batch failed as a whole. */
export const batchDetails = (result: BatchResult | null): string =>
  result === null
    ? 'The batch failed as a whole: every event goes on in a `syncChange` of its own, under its id.'
    : [
        `Applied together${outcomesText(result.outcomes)}`,
        ...(result.left.length === 0
          ? []
          : [
              '',
              `${result.left.length} failed by themselves, and go on in a \`syncChange\` of their own:`,
              ...result.left.slice(0, 20).map((eventId) => `- \`${eventId}\``),
            ]),
      ].join('\n');

import type { Imported } from './import-dead-letters.ts';
import { number } from './progress-text.ts';

/** What an import came to: each dead letter it raises, each message that cannot be read, and the sums. */
export function imported(came: Imported): string {
  const { topic, read, resolved, other, known, held, raised, errors } = came;
  const sums: [number, string][] = [
    [raised.length, came.dry_run ? 'would be raised' : 'raised'],
    [held, 'in Temporal already'],
    [known, 'settled by the ledger'],
    [resolved, 'resolved on the topic'],
    [other, 'of other pipelines'],
    [errors.length, 'not readable'],
  ];
  return [
    ...raised.map(
      ({ event_id, pipeline, title, signature }) => `${event_id}  ${pipeline}  ${title}  ${signature}`,
    ),
    ...errors.map(({ partition, offset, error }) => `${topic}[${partition}]@${offset}  failed: ${error}`),
    ...(raised.length + errors.length > 0 ? [''] : []),
    `${topic}: ${number(read)} messages read`,
    ...sums.filter(([n], index) => index === 0 || n > 0).map(([n, what]) => `${number(n)} ${what}`),
  ].join('\n');
}

import { troubleOf } from '../../ingest/sqs/queue.ts';
import type { QueueState } from '../../ingest/sqs/queue.ts';
import type { Check } from '../check.ts';
import { fail, ok, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';

/** A process that ends and a pause count as receives too. */
const fewReceives = 10;

/** Below it a short trouble of the network already has messages come twice, seconds. */
const shortVisibility = 10;

/** Judges how a queue is set up. */
export function judgeQueue(queue: string, { visibilitySeconds, maxReceiveCount }: QueueState): Finding[] {
  const findings: Finding[] = [];
  if (maxReceiveCount === null)
    findings.push(
      warn(
        queue,
        'has no dead-letter queue: a message that cannot be taken comes again for ever',
        'give it a RedrivePolicy with a maxReceiveCount of 20',
      ),
    );
  else if (maxReceiveCount < fewReceives)
    findings.push(
      warn(
        queue,
        `gives a message up after ${maxReceiveCount} receives, and restarts and pauses count as such`,
        'raise maxReceiveCount of its RedrivePolicy to 20',
      ),
    );
  if (visibilitySeconds < shortVisibility)
    findings.push(
      warn(
        queue,
        `hides a message for ${visibilitySeconds} s: it comes again while it is worked on`,
        'raise its VisibilityTimeout to 30',
      ),
    );
  return findings.length > 0 ? findings : [ok(queue, 'exists, as it must be')];
}

/** Queues answer and are set up so that no message is given up early. */
export const queues: Check = {
  name: 'queues',
  title: 'Queues are as they must be',
  async run(context) {
    const findings = await Promise.all(
      context.sides.map(async (side) => {
        const queue = context.queue(side);
        if (queue === null) return [];
        try {
          return judgeQueue(queue.name, await queue.state());
        } catch (error) {
          const repair =
            'make the queue, or correct its …_QUEUE_URL, SQS_ENDPOINT, AWS_REGION and credentials';
          return [fail(side.side.name, troubleOf(queue, error), repair)];
        }
      }),
    );
    return findings.flat();
  },
};

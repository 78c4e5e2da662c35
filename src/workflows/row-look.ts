import { proxyActivities } from '@temporalio/workflow';
import type { Row } from '../change/value.ts';
import type { SeenRow } from '../temporal/dead-row.ts';
import type { DeadLetterActivities, DeadLetterInput } from '../temporal/messages.ts';
import { readFailure } from '../temporal/read-failure.ts';
import { oneTry } from '../temporal/timeouts.ts';

const { lookAtDeadRow } = proxyActivities<DeadLetterActivities>({
  ...oneTry,
  scheduleToCloseTimeout: '30s',
  retry: { maximumAttempts: 2 },
  summary: 'look at both rows',
});

/** Looks at a dead event's row. Never rejects: that it cannot be seen must not matter. */
export class RowLook {
  readonly #of: Pick<DeadLetterInput, 'pipeline' | 'subject'>;
  readonly #changed: () => void;
  #looks = 0;
  seen: SeenRow | null = null;

  constructor(of: Pick<DeadLetterInput, 'pipeline' | 'subject'>, changed: () => void) {
    this.#of = of;
    this.#changed = changed;
  }

  async again(corrected?: Row): Promise<SeenRow | null> {
    const { pipeline, subject } = this.#of;
    if (subject.kind === 'record') return null;
    const look = ++this.#looks;
    const seen = await lookAtDeadRow({ pipeline, subject, ...(corrected && { corrected }) }).then(
      (row) => ({ row }),
      (error: unknown) => ({ unread: readFailure(error).failure.message }),
    );
    // Of two looks at once the later one counts.
    if (look === this.#looks) {
      this.seen = seen;
      this.#changed();
    }
    return seen;
  }
}

import { workflowTypes } from '../../temporal/names.ts';
import type { OpenEvents } from './report.ts';

/** An open workflow, as visibility shows it. */
export interface OpenWorkflow {
  type: string;
  /** Null where nobody could parse the record. */
  entity: string | null;
  side: string | null;
  errorClass: string | null;
}

export const nothingOpen: OpenEvents = { inFlight: 0, retrying: 0, waiting: 0, deadLetters: 0 };

/** What of one open workflow counts as what. */
function one({ type, errorClass }: OpenWorkflow): OpenEvents {
  if (type === workflowTypes.deadLetter) return { ...nothingOpen, deadLetters: 1 };
  const waiting = errorClass === 'waiting_for_row';
  return {
    inFlight: 1,
    retrying: errorClass !== null && !waiting ? 1 : 0,
    waiting: waiting ? 1 : 0,
    deadLetters: 0,
  };
}

const sum = (a: OpenEvents, b: OpenEvents): OpenEvents => ({
  inFlight: a.inFlight + b.inFlight,
  retrying: a.retrying + b.retrying,
  waiting: a.waiting + b.waiting,
  deadLetters: a.deadLetters + b.deadLetters,
});

export const tally = (open: readonly OpenWorkflow[]): OpenEvents => open.map(one).reduce(sum, nothingOpen);

import type { Reader, ProcessedEvent } from '../database/contract.ts';
import type { ApplyResult } from '../change/outcome.ts';

/** What the ledger knows an event came to; null where it was never applied or discarded. */
export async function ledgerOutcome(ledger: Reader, eventId: string): Promise<ApplyResult | null> {
  const processed = await ledger.findProcessed(eventId);
  return processed && asResult(processed);
}

const asResult = ({ outcome, targetKey }: ProcessedEvent): ApplyResult => ({
  outcome,
  target_key: targetKey,
  replayed: true,
});

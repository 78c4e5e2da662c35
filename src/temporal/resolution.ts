import type { Outcome } from '../change/outcome.ts';

/** How a dead letter came to its end; no row value in it. */
export interface Resolution {
  eventId: string;
  entity: string | null;
  /** `applied`: by a retry, or found applied; `edited`: as an operator corrected it; `decided`: of a conflict. */
  how: 'applied' | 'edited' | 'discarded' | 'decided';
  /** Null where nothing was left to do. */
  outcome: Outcome | null;
  /** Why it was discarded; of a conflict, the side whose version was taken. */
  reason: string | null;
  /** Who decided; null where nobody said, as from the Web UI. */
  by: string | null;
  /** ISO 8601. */
  at: string;
  /** `failedAt` of the failure it ends, and of every earlier one. */
  failedAt: string;
}

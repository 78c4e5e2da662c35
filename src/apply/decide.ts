import type { Operation } from '../change/event.ts';
import type { ConflictType, Outcome } from '../change/outcome.ts';

/** What applying an event finds. Facts only: no row, no clock. */
export interface Situation {
  operation: Operation;
  /** The event outranks what the target holds, row or tombstone (version order, or position for one-way entities). */
  newer: boolean;
  /** The target holds exactly this version already. */
  same: boolean;
  rowExists: boolean;
  /** The row's mapped values are what the event would write. */
  equal: boolean;
  /** The target's own app changed, or deleted, the row since Tandem last wrote it and the source had not seen that. */
  changedByTarget: boolean;
  /** The row is gone although Tandem wrote it, and no delete of it is known. */
  lost: boolean;
}

export type Write = 'insert' | 'update' | 'delete' | 'clock' | 'none';

export interface Verdict {
  write: Write;
  outcome: Outcome;
  conflict: ConflictType | null;
  /** The event's version becomes what the target holds. */
  advances: boolean;
}

/** What follows from the facts; a policy speaks through `newer`. Whether it *was* a conflict never changes who wins. Pure. */
export function decide(situation: Situation): Verdict {
  const { newer: advances, same } = situation;
  const conflict = conflictOf(situation);
  if (!advances)
    return {
      write: 'none',
      conflict,
      advances,
      outcome: same ? 'unchanged' : conflict ? 'conflict_kept' : 'stale',
    };
  const write = writeOf(situation);
  const written = conflict ? 'conflict_applied' : 'applied';
  return { write, conflict, advances, outcome: write === 'none' ? 'unchanged' : written };
}

function writeOf({ operation, rowExists, equal }: Situation): Write {
  if (operation === 'DELETE') return rowExists ? 'delete' : 'none';
  if (!rowExists) return 'insert';
  return equal ? 'clock' : 'update';
}

function conflictOf(situation: Situation): ConflictType | null {
  const { operation, rowExists, equal, same, changedByTarget, lost } = situation;
  if (!changedByTarget || same || (rowExists && equal && operation !== 'DELETE')) return null;
  const missing = lost ? 'update_missing' : 'update_recently_deleted';
  switch (operation) {
    case 'CREATE':
      return rowExists ? 'insert_exists' : missing;
    case 'UPDATE':
      return rowExists ? 'update_origin_differs' : missing;
    case 'DELETE':
      return rowExists ? 'delete_origin_differs' : 'delete_missing';
  }
}

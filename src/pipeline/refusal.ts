import { SyncError } from '../errors/sync-error.ts';

/** The error for a value that a column cannot carry. The reason may name lengths, ranges and types, never the value. */
export function refusal(column: string, reason: string): SyncError {
  return new SyncError('data', `column ${column}: ${reason}`, { column });
}

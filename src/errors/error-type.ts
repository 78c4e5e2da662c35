import { SyncError } from './sync-error.ts';

/** The class of an error, or else its type or name; never its message, which may hold row values. */
export function errorType(error: unknown): string {
  if (error instanceof SyncError) return error.errorClass;
  if (!(error instanceof Error)) return typeof error;
  return 'type' in error && typeof error.type === 'string' ? error.type : error.name;
}

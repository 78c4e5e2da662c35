import { types } from 'node:util';
import { SyncError } from '../../errors/sync-error.ts';
import { classified, withoutServerCode } from '../classified.ts';
import type { Meaning } from '../classified.ts';
import { errorNumbers, stateMeanings } from './error-numbers.ts';
import { namesIn } from './error-names.ts';

/** The fields mysql2 sets on an error the server sent. */
interface ServerError extends Error {
  errno: number;
  /** Absent where the server refuses before the handshake, e.g. 1040. */
  sqlState?: string;
  sqlMessage?: string;
}

export const isServerError = (error: unknown): error is ServerError =>
  types.isNativeError(error) &&
  'errno' in error &&
  typeof error.errno === 'number' &&
  // Node's own errors number below zero.
  error.errno > 0;

const unforeseen: Meaning = ['bug', 'the server reports an error nobody foresaw'];

/** Reduces an error of mysql2 to class, code, column and constraint. The class comes from the error number alone. */
export function classify(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  if (!isServerError(error)) return withoutServerCode(error);
  const { errno, sqlState = '', sqlMessage = '' } = error;
  const meaning = errorNumbers[errno] ?? stateMeanings[sqlState.slice(0, 2)] ?? unforeseen;
  return classified(meaning, { code: String(errno), ...namesIn(errno, sqlMessage) });
}

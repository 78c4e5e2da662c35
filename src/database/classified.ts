import { types } from 'node:util';
import type { ErrorClass } from '../errors/error-class.ts';
import { framesOf } from '../errors/frames.ts';
import { SyncError } from '../errors/sync-error.ts';
import { codeOf, isTransport } from './transport.ts';

/** What a code means: the class, and words for people that hold no row value. */
export type Meaning = readonly [ErrorClass, string];

/** Names the driver reported beside the code. */
export interface Named {
  code: string;
  table?: string | undefined;
  column?: string | undefined;
  constraint?: string | undefined;
}

/** The message is made of the code's meaning and names only; the driver's own message may hold row values. */
export function classified([errorClass, says]: Meaning, named: Named): SyncError {
  const { code, table, column, constraint } = named;
  const names = [
    table && `table ${table}`,
    column && `column ${column}`,
    constraint && `constraint ${constraint}`,
  ].filter(Boolean);
  const where = names.length > 0 ? `: ${names.join(', ')}` : '';
  return new SyncError(errorClass, `${says}${where} (${code})`, { code, column, constraint });
}

/** Errors that no server sent: those of the network are `unavailable`, the rest is a defect. */
export function withoutServerCode(error: unknown): SyncError {
  if (isTransport(error)) {
    const code = codeOf(error);
    const says = 'the database server cannot be reached or the connection broke';
    return new SyncError('unavailable', code ? `${says} (${code})` : says, { code });
  }
  const native = types.isNativeError(error);
  const kind = native ? error.name : typeof error;
  const defect = new SyncError('bug', `${kind} in the database driver`, { code: codeOf(error) });
  if (native) defect.stack = `${defect.name}: ${defect.message}\n${framesOf(error)}`;
  return defect;
}
